// Damages videos at random and has the engine split each: npm run test:fuzz -- --seconds 600 --seed 1 [--folder videos]
// Without a folder it takes the corpus beside the repository, or videos that it makes. Ends with 1 at a fault, and prints the
// file and seed that repeat it: --only <file> --seed <n> --seconds 0.
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { createTempFolder } from "../../src/io/temp_folder.ts";
import { isVideoPath } from "../../src/video/video_extensions.ts";
import { fast, ffmpeg, picture, tone } from "../media/generated_videos.ts";
import { flipBits, type MutantTrial, openMutantTrial } from "../media/mutants.ts";
import { seededRandom } from "../support/random.ts";

/** Larger files take long to decode, and damage to them is like damage to small ones. */
const MAX_ORIGINAL_BYTES = 400_000;
const workers = 2;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    folder: { type: "string", default: join(import.meta.dirname, "../../../shared/testdata") },
    only: { type: "string" },
  },
});

const scratch = await createTempFolder("clipsieve-test-");
const trials = new Map<string, MutantTrial>();
const ends = new Map<string | number, number>();
const faults: string[] = [];

async function originals(): Promise<string[]> {
  if (values.only !== undefined) return [values.only];
  if (!existsSync(values.folder)) {
    const made = [scratch.file("made.mp4"), scratch.file("made.mkv"), scratch.file("made.avi")];
    for (const path of made) await ffmpeg(...picture("64x48", "10", 3), ...tone(3), ...fast, path);
    return made;
  }
  const names = await readdir(values.folder, { recursive: true });
  const videos = names
    .filter(isVideoPath)
    .sort()
    .map((name) => join(values.folder, name));
  const sizes = await Promise.all(videos.map(async (path) => (await stat(path)).size));
  return videos.filter((_, index) => sizes[index]! > 0 && sizes[index]! <= MAX_ORIGINAL_BYTES);
}

/** Half of the mutants have flipped bits, a quarter is cut off, a quarter both. */
function mutate(bytes: Buffer, seed: number): Buffer {
  const random = seededRandom(seed);
  const kind = random();
  const cut = kind < 0.5 ? bytes : bytes.subarray(0, 1 + Math.floor(random() * bytes.length));
  return kind >= 0.5 && kind < 0.75 ? cut : flipBits(cut, seed);
}

async function tryOne(path: string, seed: number): Promise<void> {
  const extension = extname(path).toLowerCase();
  const trial = trials.get(extension) ?? (await openMutantTrial(scratch, { decodesClips: true, extension }));
  trials.set(extension, trial);
  try {
    const end = await trial.run(`--only '${path}' --seed ${seed}`, mutate(await readFile(path), seed));
    const kind = typeof end === "number" ? "clips" : end;
    ends.set(kind, (ends.get(kind) ?? 0) + 1);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    faults.push(fault);
    console.log(`fault: ${fault}`);
  }
}

const paths = await originals();
const until = performance.now() + Number(values.seconds) * 1000;
let seed = Number(values.seed);
const work = async (): Promise<void> => {
  do {
    const own = seed++;
    await tryOne(paths[own % paths.length]!, own);
  } while (performance.now() < until);
};
await Promise.all(Array.from({ length: values.only === undefined ? workers : 1 }, work));
await scratch.remove();
const tally = [...ends].map(([kind, count]) => `${kind} ${count}`).sort();
console.log(
  `${seed - Number(values.seed)} mutants of ${paths.length} videos: ${tally.join(", ")}; ${faults.length} faults`,
);
process.exit(faults.length === 0 ? 0 : 1);
