// Files cut off and files with flipped bits: whatever they are made of, the engine answers with clips or with a reason.
// `npm run test:fuzz` does the same for as long as one likes.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { seededRandom } from "../support/random.ts";
import { fast, ffmpeg, picture, tone } from "./generated_videos.ts";
import { atomBorders, flipBits, openMutantTrial, type TrialEnd } from "./mutants.ts";

let folder: TempFolder;
const originals = new Map<string, Buffer>();
const kinds: Readonly<Record<string, readonly string[]>> = {
  "index first.mp4": [...fast, "-c:a", "aac", "-movflags", "+faststart"],
  "index last.mov": [...fast, "-g", "5", "-c:a", "pcm_s16le"],
  "fragments.mp4": [...fast, "-g", "5", "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"],
  "clusters.mkv": ["-c:v", "mpeg4", "-g", "5", "-c:a", "libvorbis"],
  "packets.ts": ["-c:v", "mpeg2video", "-c:a", "mp2"],
  "chunks.avi": ["-c:v", "mpeg4", "-c:a", "mp2"],
};
const boxed = ["index first.mp4", "index last.mov", "fragments.mp4"];

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  for (const [name, args] of Object.entries(kinds)) {
    await ffmpeg(...picture("64x48", "10", 2), ...tone(2), ...args, folder.file(name));
    originals.set(name, await readFile(folder.file(name)));
  }
});
afterAll(() => folder.remove());

/** Tries mutants side by side; how each ended. */
async function tryAll(name: string, mutants: ReadonlyMap<string, Buffer>): Promise<readonly TrialEnd[]> {
  const trial = await openMutantTrial(folder, { extension: extname(name) });
  return Promise.all([...mutants].map(([how, bytes]) => trial.run(`${name}, ${how}`, bytes)));
}

test.each(boxed)("%s, cut off at borders of its boxes", async (name) => {
  const bytes = originals.get(name)!;
  const borders = atomBorders(bytes).filter((at) => at > 0 && at < bytes.length);
  expect(borders.length).toBeGreaterThan(10);
  // Those inside the index end alike: a few of them, and the last.
  const chosen = [...borders.filter((_, i) => i % Math.ceil(borders.length / 5) === 0), borders.at(-1)!];
  const mutants = new Map(chosen.map((at) => [`cut off at ${at}`, bytes.subarray(0, at)]));
  const ends = await tryAll(name, mutants);
  expect(ends.some((end) => typeof end === "string")).toBe(true);
});

test.each(Object.keys(kinds))("%s, cut off anywhere", async (name) => {
  const bytes = originals.get(name)!;
  const random = seededRandom(4);
  const places = Array.from({ length: 3 }, () => 1 + Math.floor(random() * (bytes.length - 1)));
  await tryAll(name, new Map(places.map((at) => [`cut off at ${at}`, bytes.subarray(0, at)])));
});

test("what lies before the cut is kept, where the index does", async () => {
  const bytes = originals.get("fragments.mp4")!;
  const [end] = await tryAll(
    "fragments.mp4",
    new Map([["cut off late", bytes.subarray(0, bytes.length - 2000)]]),
  );
  expect(end).toBeTypeOf("number");
});

test.each(Object.keys(kinds))("%s, with flipped bits", async (name) => {
  const seeds = [1, 2, 3];
  const mutants = new Map(
    seeds.map((seed) => [`bits of seed ${seed}`, flipBits(originals.get(name)!, seed)]),
  );
  await tryAll(name, mutants);
});
