// What the page of the browser test runs: the smoke suite, and the media engines of browsers on a MediaCase.
import { openWebMediaEngine } from "../../src/mod.ts";
import { answersOf, differingAnswer } from "./media_answers.ts";
import type { MediaCase } from "./media_case.ts";
import { smoke } from "./smoke.ts";

async function main(): Promise<unknown> {
  const cases = (await (await fetch("/cases.json")).json()) as readonly MediaCase[];
  const engine = await openWebMediaEngine();
  const [encoder] = (await engine.encoders(engine.autoEncoders ?? [])).filter(({ works }) => works);
  return await smoke(
    cases.map(({ name, video, answers }) => [
      `WebCodecs on ${name}`,
      async () => {
        const bytes = Uint8Array.from(atob(video), (letter) => letter.charCodeAt(0));
        const source = { kind: "blob", blob: new Blob([bytes]), name } as const;
        return differingAnswer(await answersOf(engine, source, encoder?.name ?? null), answers);
      },
    ]),
  );
}

Object.assign(globalThis, {
  smokeResult: await main().catch((error: unknown) => ({
    adapter: "none",
    passed: [],
    failed: [String(error)],
  })),
});
