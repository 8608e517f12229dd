// Damages videos and has the engine split each: npm run test:fuzz -- --seconds 600 --seed 1 [--count 10000] [--workers 2]
//   --cuts 64: rather than at random, cuts twenty videos off at every border of their boxes and at so many other places
//   --folder F: takes the videos there; default: the corpus beside the repository, else videos that it makes
//   --only FILE --seed N --seconds 0: repeats one mutant, as a fault's message says
// Ends with 1 at a fault: a hang, a crash, an answer that is neither clips with frames nor an InputError with its reason.
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { PeakMemory } from "../../bench/process_tree.ts";
import { createTempFolder } from "../../src/io/temp_folder.ts";
import { isVideoPath } from "../../src/video/video_extensions.ts";
import { fast, ffmpeg, picture, tone } from "../media/generated_videos.ts";
import { cutPlaces, flipBits, type MutantTrial, openMutantTrial } from "../media/mutants.ts";
import { seededRandom } from "../support/random.ts";

/** Larger files take long to decode, and damage to them is like damage to small ones. */
const MAX_ORIGINAL_BYTES = 400_000;
const CUT_VIDEOS = 20;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    count: { type: "string", default: "Infinity" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    cuts: { type: "string" },
    folder: { type: "string", default: join(import.meta.dirname, "../../../shared/testdata") },
    only: { type: "string" },
  },
});

interface Mutant {
  readonly path: string;
  /** How to make it again. */
  readonly name: string;
  bytes(): Promise<Buffer>;
}

const scratch = await createTempFolder("clipsieve-test-");
const trials = new Map<string, Promise<MutantTrial>>();
const ends = new Map<string | number, number>();
const faults: string[] = [];
const firstSeed = Number(values.seed);

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

async function* damagedAtRandom(paths: readonly string[]): AsyncGenerator<Mutant> {
  const until = performance.now() + Number(values.seconds) * 1000;
  const end = firstSeed + Number(values.count);
  for (let seed = firstSeed; seed < end; seed++) {
    const path = paths[seed % paths.length]!;
    const own = seed;
    yield {
      ...{ path, name: `--only '${path}' --seed ${seed}` },
      bytes: async () => mutate(await readFile(path), own),
    };
    if (performance.now() >= until) return;
  }
}

async function* cutOff(paths: readonly string[], cuts: number): AsyncGenerator<Mutant> {
  const everySo = Math.max(1, Math.floor(paths.length / CUT_VIDEOS));
  const chosen = paths.filter((_, index) => index % everySo === 0).slice(0, CUT_VIDEOS);
  for (const path of chosen) {
    const whole = await readFile(path);
    for (const at of cutPlaces(whole, firstSeed, Number.POSITIVE_INFINITY, cuts))
      yield { path, name: `${path} cut off at ${at}`, bytes: async () => whole.subarray(0, at) };
  }
}

async function tryOne({ path, name, bytes }: Mutant): Promise<void> {
  const extension = extname(path).toLowerCase();
  const trial = trials.get(extension) ?? openMutantTrial(scratch, { decodesClips: true, extension });
  trials.set(extension, trial);
  try {
    const end = await (await trial).run(name, await bytes());
    const kind = typeof end === "number" ? "clips" : end;
    ends.set(kind, (ends.get(kind) ?? 0) + 1);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    faults.push(fault);
    console.log(`fault: ${fault}`);
  }
}

const memory = new PeakMemory(process.pid);
const paths = await originals();
const mutants = values.cuts === undefined ? damagedAtRandom(paths) : cutOff(paths, Number(values.cuts));
const videos = new Set<string>();
const workers = values.only === undefined ? Number(values.workers) : 1;
let count = 0;
const work = async (): Promise<void> => {
  for (let next = await mutants.next(); !next.done; next = await mutants.next()) {
    count++;
    videos.add(next.value.path);
    await tryOne(next.value);
  }
};
await Promise.all(Array.from({ length: workers }, work));
await scratch.remove();
const tally = [...ends].map(([kind, count]) => `${kind} ${count}`).sort();
const peak = ((memory.stop() ?? Number.NaN) / 2 ** 20).toFixed(0);
console.log(
  `${count} mutants of ${videos.size} videos: ${tally.join(", ")}; ${faults.length} faults; ` +
    `at most ${peak} MiB in all processes of ${workers} side by side`,
);
process.exit(faults.length === 0 ? 0 : 1);
