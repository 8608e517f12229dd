// What the page of the browser test runs: the smoke suite, and the media engines of browsers on a MediaCase.
import {
  InputError,
  InterruptedError,
  type MediaEngine,
  type MediaSource,
  openWebMediaEngine,
} from "../../src/mod.ts";
import { answersOf, differingAnswer } from "./media_answers.ts";
import type { MediaCase } from "./media_case.ts";
import { type SmokeCheck, smoke } from "./smoke.ts";

const wasm = {
  startWorker: () => new Worker("/worker.js", { type: "module" }),
  coreUrl: new URL("/ffmpeg-core.js", location.href).href,
  wasmUrl: "/ffmpeg-core.wasm",
};

/** A case that WebCodecs reads, and one of a container that it does not. */
const wasmCases = ["turned.mp4", "other.avi"];

async function main(): Promise<unknown> {
  const cases = (await (await fetch("/cases.json")).json()) as readonly MediaCase[];
  const webCodecs = await openWebMediaEngine();
  const ffmpeg = await openWebMediaEngine({ prefer: "wasm", wasm });
  const [encoder] = (await webCodecs.encoders(webCodecs.autoEncoders ?? [])).filter(({ works }) => works);
  return await smoke([
    ...cases
      .filter(({ name }) => name !== "other.avi")
      .map((media) => check(`WebCodecs on ${media.name}`, webCodecs, encoder?.name ?? null, media)),
    ...cases
      .filter(({ name }) => wasmCases.includes(name))
      .map((media) => check(`wasm in a worker on ${media.name}`, ffmpeg, "libx264", media)),
    ["fallback", () => fallback(cases.find(({ name }) => name === "other.avi"))],
    ["stop request", () => stopRequest(ffmpeg, cases[0])],
  ]);
}

function check(name: string, engine: MediaEngine, encoder: string | null, media: MediaCase): SmokeCheck {
  return [
    name,
    async () => differingAnswer(await answersOf(engine, sourceOf(media), encoder), media.answers),
  ];
}

function sourceOf({ name, video }: MediaCase): MediaSource {
  const bytes = Uint8Array.from(atob(video), (letter) => letter.charCodeAt(0));
  return { kind: "blob", blob: new Blob([bytes]), name };
}

/** WebCodecs refuses the container with a reason; with a worker given, the same call is answered by ffmpeg. */
async function fallback(media: MediaCase | undefined): Promise<string | undefined> {
  if (media === undefined) return "there is no such case";
  const alone = await openWebMediaEngine();
  const refusal = await alone.probe(sourceOf(media)).catch((error: unknown) => error);
  if (!(refusal instanceof InputError && refusal.reason === "not-a-video")) return String(refusal);
  const both = await openWebMediaEngine({ wasm });
  return differingAnswer(await answersOf(both, sourceOf(media), "h264_webcodecs"), media.answers);
}

/** A stop request ends a run that is under way at once, and the engine works on after it. */
async function stopRequest(engine: MediaEngine, media: MediaCase | undefined): Promise<string | undefined> {
  if (media === undefined) return "there is no such case";
  const stop = new AbortController();
  const stopped = engine.probe(sourceOf(media), stop.signal).catch((error: unknown) => error);
  setTimeout(() => stop.abort(), 20);
  const outcome = await stopped;
  if (!(outcome instanceof InterruptedError)) return `the stopped call ended with ${String(outcome)}`;
  const { frameCount } = await engine.probe(sourceOf(media));
  return frameCount === media.answers.frameTimes.length ? undefined : `${frameCount} frames after the stop`;
}

Object.assign(globalThis, {
  smokeResult: await main().catch((error: unknown) => ({
    adapter: "none",
    passed: [],
    failed: [String(error)],
  })),
});
