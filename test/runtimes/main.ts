// Runs the smoke suite in the runtime that runs this file and prints its result as one line of JSON. The argument is a file
// with a MediaCase: the native and the wasm engine must answer it alike.
import { readFile } from "node:fs/promises";
import { openMediaEngine } from "../../src/node.ts";
import { answersOf, differingAnswer } from "./media_answers.ts";
import type { MediaCase } from "./media_case.ts";
import { smoke } from "./smoke.ts";

const { name, video, answers } = JSON.parse(await readFile(process.argv[2]!, "utf8")) as MediaCase;
const bytes = Buffer.from(video, "base64");
const result = await smoke(
  (["native", "wasm"] as const).map((prefer) => [
    `${prefer} media engine`,
    async () => {
      const engine = await openMediaEngine({ prefer });
      return differingAnswer(await answersOf(engine, { kind: "bytes", bytes, name }, "libx264"), answers);
    },
  ]),
);
console.log(JSON.stringify(result));
// Native WebGPU may keep a runtime alive after its device is gone.
process.exit(0);
