// What the page of the browser test runs: the smoke suite, and the media engines of browsers on a MediaCase.
import {
  InputError,
  InterruptedError,
  type MediaEngine,
  type MediaSource,
  openWebMediaEngine,
} from "../../src/mod.ts";
import type { MediaMaterial } from "./browser.ts";
import { answersOf, differingAnswer } from "./media_answers.ts";
import type { MediaCase, RefusedFile } from "./media_case.ts";
import { type SmokeCheck, smoke } from "./smoke.ts";

const wasm = {
  startWorker: () => new Worker("/worker.js", { type: "module" }),
  coreUrl: new URL("/ffmpeg-core.js", location.href).href,
  wasmUrl: "/ffmpeg-core.wasm",
};

/** Why WebCodecs refuses some: a container that it does not read, and frames of 10 bits. */
const refusedByWebCodecs: Readonly<Record<string, string>> = {
  "other.avi": "not-a-video",
  "ten_bits.mp4": "decode-failed",
};

/** A case that WebCodecs reads, and one of a container that it does not. */
const wasmCases = ["turned.mp4", "other.avi"];

async function main(): Promise<unknown> {
  const { cases, refused, damaged } = (await (await fetch("/material.json")).json()) as MediaMaterial;
  const webCodecs = await openWebMediaEngine();
  const ffmpeg = await openWebMediaEngine({ prefer: "wasm", wasm });
  const [encoder] = (await webCodecs.encoders(webCodecs.autoEncoders ?? [])).filter(({ works }) => works);
  return await smoke([
    ...cases
      .filter(({ name }) => !(name in refusedByWebCodecs))
      .map((media) => check(`WebCodecs on ${media.name}`, webCodecs, encoder?.name ?? null, media)),
    ...cases
      .filter(({ name }) => wasmCases.includes(name))
      .map((media) => check(`wasm in a worker on ${media.name}`, ffmpeg, "libx264", media)),
    ...cases
      .filter(({ name }) => name in refusedByWebCodecs)
      .map((media): SmokeCheck => [`fallback on ${media.name}`, () => fallback(media)]),
    ["stop request", () => stopRequest(ffmpeg, cases[0])],
    ["refusals", () => refusals(webCodecs, refused)],
    ["damage", () => damage(webCodecs, damaged, encoder?.name ?? null)],
  ]);
}

function check(name: string, engine: MediaEngine, encoder: string | null, media: MediaCase): SmokeCheck {
  return [
    name,
    async () => differingAnswer(await answersOf(engine, sourceOf(media), encoder), media.answers),
  ];
}

function sourceOf({ name, video }: Pick<MediaCase, "name" | "video">): MediaSource {
  const bytes = Uint8Array.from(atob(video), (letter) => letter.charCodeAt(0));
  return { kind: "blob", blob: new Blob([bytes]), name };
}

/** WebCodecs refuses a video with a reason; with a worker given, the same call is answered by ffmpeg. */
async function fallback(media: MediaCase): Promise<string | undefined> {
  const alone = await openWebMediaEngine();
  const refusal = await alone.probe(sourceOf(media)).catch((error: unknown) => error);
  if (!(refusal instanceof InputError && refusal.reason === refusedByWebCodecs[media.name]))
    return String(refusal);
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

async function refusals(engine: MediaEngine, files: readonly RefusedFile[]): Promise<string | undefined> {
  const wrong: string[] = [];
  for (const file of files) {
    const outcome = await engine.probe(sourceOf(file)).catch((error: unknown) => error);
    const reason = outcome instanceof InputError ? outcome.reason : String(outcome);
    if (reason !== file.reason) wrong.push(`${file.name} is ${reason}, not ${file.reason}`);
  }
  return wrong.length === 0 ? undefined : wrong.join("; ");
}

/** Decoding goes on after damage: complaints are counted, and what is whole before, between and after comes through. */
async function damage(
  engine: MediaEngine,
  video: string,
  encoder: string | null,
): Promise<string | undefined> {
  const source = sourceOf({ name: "damaged.mp4", video });
  const info = await engine.probe(source);
  const spans = [0, 1, 2, 3].map((start) => ({ startSeconds: start, endSeconds: start + 1 }));
  const sampleFrames = spans.map((_, clip) => [25 * clip, 25 * clip + 24]);
  const clipFrames: number[] = [];
  let samples = 0;
  const report = await engine.split(
    { source, info, spans, encoder, encoderThreads: 0, sampleFrames },
    {
      onClip: async (clip) => void clipFrames.push(clip.info.frameCount),
      onFrame: async () => void samples++,
    },
  );
  const total = clipFrames.reduce((sum, count) => sum + count, 0);
  const isRight = report.decodeErrors > 0 && clipFrames.length === 4 && samples === 8 && total < 100;
  return isRight ? undefined : JSON.stringify({ report, clipFrames, samples });
}

Object.assign(globalThis, {
  smokeResult: await main().catch((error: unknown) => ({
    adapter: "none",
    passed: [],
    failed: [String(error)],
  })),
});
