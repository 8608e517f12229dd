// The dedup command end to end, Parquet to Parquet, in a process of its own, beside faiss doing the same in another. k grows
// with the root of n, as it should (k-means n·k against pairwise n²/k). What was planted is known, so both are checked.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { clipsieveArguments, timeCommand } from "../command_run.ts";
import { writeEmbeddings } from "../dedup_embeddings.ts";
import { type EmbeddingPlan, plannedDefaults } from "../embedding_data.ts";
import { benchRow } from "../harness.ts";
import { benchPython } from "../peers/peer_host.ts";
import type { Suite, SuiteContext } from "../suite.ts";
import { summarize } from "../timing.ts";

const eps = 0.05;
const rounds = 20;
/** A planted row and its original may end in two clusters, which compare nothing with each other: what a peer may lose. */
const leastFound = 0.9;
/** Commands of fewer rows than this are run three times. */
const repeatedBelow = 30_000;

interface Outcome {
  readonly seconds: number;
  readonly spread: number;
  /** Rows removed, as a share of the planted ones: of a group of likes all but one go, whichever that is. */
  readonly found: number;
  /** Nothing removed but likes, and one of each group kept. */
  readonly sound: boolean;
  readonly removedCount: number;
}

export const run: Suite = async (context) => {
  const { gpu, quick } = context;
  const dim = quick ? 64 : 512;
  for (const rowCount of context.sizes(quick ? [2000] : [10_000, 20_000, 50_000, 100_000])) {
    const k = Math.max(2, Math.round(300 * Math.sqrt(rowCount / 1e5)));
    const plan: EmbeddingPlan = { ...plannedDefaults, kind: "falling", rowCount, dim, centerCount: k };
    const input = join(context.files.folder, "embeddings");
    const output = join(context.files.folder, "dedup_out");
    const planted = await writeEmbeddings(input, plan, 4);
    try {
      const repeats = quick || rowCount >= repeatedBelow ? 1 : 3;
      // What faiss does: random first centroids, and only pairs that reach the threshold.
      const options = [
        ...["--n-clusters", k, "--eps", eps, "--max-iter", rounds, "--tol", 0, "--init", "random"],
        ...["--scores", "thresholded", "--overwrite"],
      ].map(String);
      const places = ["--input-path", input, "--output-path", output, "--device", context.device];
      const ours = await repeat(repeats, planted, `${output}/semantic_dedup/duplicates`, async () => {
        rmSync(output, { recursive: true, force: true });
        return (await timeCommand(process.execPath, clipsieveArguments("dedup", ...places, ...options)))
          .seconds;
      });
      const own = {
        suite: "dedup",
        name: "dedup",
        size: `${rowCount} x ${dim}, k ${k}`,
        rowCount,
        adapter: gpu.adapter.name,
        ours: ours.seconds,
        spread: ours.spread,
        rate: rowCount / ours.seconds,
        unit: "rows/s" as const,
        correct: ours.sound && ours.removedCount === (await removable(`${output}/semantic_dedup/kmeans`)),
        details: { eps, rounds, planted: planted.length, found: ours.found },
      };
      let compared = 0;
      for (const peer of context.peers.peers) {
        const { name, version } = peer.info;
        if (!name.startsWith("faiss-cpu")) continue;
        const theirs = await withFaiss(context, name, input, k, repeats, planted);
        if (theirs === undefined) continue;
        context.emit(
          benchRow({
            ...own,
            peer: name,
            peerVersion: version,
            peerTime: theirs.seconds,
            peerAgrees: theirs.sound && theirs.found >= leastFound,
            details: { ...own.details, peerFound: theirs.found, peerSpread: theirs.spread },
          }),
        );
        compared++;
      }
      if (compared === 0) context.emit(benchRow(own));
    } finally {
      rmSync(input, { recursive: true, force: true });
      rmSync(output, { recursive: true, force: true });
    }
  }
};

async function withFaiss(
  { files, say }: SuiteContext,
  name: string,
  input: string,
  k: number,
  repeats: number,
  planted: readonly string[],
): Promise<Outcome | undefined> {
  const folder = join(files.folder, "faiss_out");
  mkdirSync(folder, { recursive: true });
  const script = new URL("../peers/faiss_dedup.py", import.meta.url).pathname;
  const places = [script, input, join(folder, "duplicates.parquet")];
  const options = ["--k", k, "--rounds", rounds, "--eps", eps].map(String);
  const kind = name.includes("Super") ? ["--super"] : [];
  try {
    return await repeat(repeats, planted, folder, async () => {
      return (await timeCommand(benchPython(), [...places, ...options, ...kind])).seconds;
    });
  } catch (error) {
    say(`  ${name} failed at dedup: ${(error as Error).message}`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function repeat(
  times: number,
  planted: readonly string[],
  folder: string,
  once: () => Promise<number>,
): Promise<Outcome> {
  const seconds: number[] = [];
  for (let i = 0; i < times; i++) seconds.push(await once());
  const removed = await idsBelow(folder);
  const { median, spread } = summarize(seconds);
  const groups = new Map<string, number>();
  for (const id of planted) groups.set(groupOf(id), (groups.get(groupOf(id)) ?? 1) + 1);
  for (const id of removed) groups.set(groupOf(id), (groups.get(groupOf(id)) ?? 0) - 1);
  const sound = [...groups.values()].every((left) => left >= 1);
  return {
    seconds: median,
    spread,
    found: removed.length / planted.length,
    sound,
    removedCount: removed.length,
  };
}

/** Likes share the original's row number: "p7-3" and "r3" are of group 3. */
function groupOf(id: string): string {
  return /\d+$/.exec(id)![0];
}

/** Rows that must go, given the clusters that were made: of the likes in one cluster all but one. */
async function removable(kmeansFolder: string): Promise<number> {
  let count = 0;
  for (const cluster of readdirSync(kmeansFolder)) {
    const ids = await idsBelow(join(kmeansFolder, cluster));
    count += ids.length - new Set(ids.map(groupOf)).size;
  }
  return count;
}

/** The ids of all Parquet files directly in a folder. */
async function idsBelow(folder: string): Promise<string[]> {
  const ids: string[] = [];
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".parquet")) continue;
    const file = await asyncBufferFromFile(join(folder, name));
    for (const row of await parquetReadObjects({ file, columns: ["id"] })) ids.push(String(row.id));
  }
  return ids;
}
