// Real videos cut off and with flipped bits, more of them than `npm test` has time for. The corpus lies beside the
// repository (../shared/testdata); where it is absent the one test left says so.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { isVideoPath } from "../../src/video/video_extensions.ts";
import { cutPlaces, flipBits, openMutantTrial, type TrialEnd } from "../media/mutants.ts";
import { twoAtATime } from "./output.ts";

const corpus = join(import.meta.dirname, "../../../shared/testdata");
/** Files of a few seconds; each one's mutants are tried in a few seconds too. */
const MAX_BYTES = 200_000;
const videoCount = 20;
const bordersPerVideo = 8;
const cutsPerVideo = 6;
const flipsPerVideo = 8;

function mutantsOf(bytes: Buffer, seed: number): (readonly [how: string, mutant: Buffer])[] {
  return [
    ...cutPlaces(bytes, seed, bordersPerVideo, cutsPerVideo).map(
      (at) => [`cut off at ${at}`, bytes.subarray(0, at)] as const,
    ),
    ...Array.from({ length: flipsPerVideo }, (_, flip) => {
      const own = seed * flipsPerVideo + flip;
      return [`bits of seed ${own}`, flipBits(bytes, own)] as const;
    }),
  ];
}

function defineMutantTests(): void {
  const small = readdirSync(corpus, { recursive: true, encoding: "utf8" })
    .filter((name) => isVideoPath(name) && !name.startsWith("hostile"))
    .filter((name) => statSync(join(corpus, name)).size <= MAX_BYTES)
    .sort();
  const chosen = small.filter((_, index) => index % Math.ceil(small.length / videoCount) === 0);
  const ends: TrialEnd[] = [];
  let folder: TempFolder;
  beforeAll(async () => {
    folder = await createTempFolder("clipsieve-test-");
  });
  afterAll(async () => {
    const clips = ends.filter((end) => typeof end === "number").length;
    console.log(`mutants: ${ends.length} tried, ${clips} gave clips, the others a reason`);
    await folder.remove();
  });

  test.each(chosen)("%s", async (name) => {
    const extension = extname(name).toLowerCase();
    const trial = await openMutantTrial(folder, { extension, decodesClips: true });
    const mutants = mutantsOf(readFileSync(join(corpus, name)), small.indexOf(name));
    expect(mutants.length).toBeGreaterThanOrEqual(cutsPerVideo + flipsPerVideo);
    ends.push(...(await twoAtATime(mutants, ([how, bytes]) => trial.run(`${name}, ${how}`, bytes))));
  });
}

if (existsSync(corpus)) {
  describe("mutants of the corpus", defineMutantTests);
} else {
  test("there is no corpus beside the repository: nothing to damage", () => {
    console.log("mutants: none was tried, as ../shared/testdata is absent");
    expect(existsSync(corpus)).toBe(false);
  });
}
