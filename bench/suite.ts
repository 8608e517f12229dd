// What a suite is given, and how it sets ours beside the peers: the same rows, the same task, one row of results each.
import type { GpuContext } from "../src/gpu/context.ts";
import type { EmbeddingPlan } from "./embedding_data.ts";
import { type BenchRow, benchRow } from "./harness.ts";
import type { PeerFiles } from "./peer_files.ts";
import type { Peer, PeerSet } from "./peers/peer_host.ts";
import type { PeerAnswer, PeerRequest } from "./peers/protocol.ts";
import { summarize } from "./timing.ts";

export interface SuiteContext {
  readonly gpu: GpuContext;
  readonly quick: boolean;
  /** --sizes, or those of the suite; none above --max-rows. */
  sizes(defaults: readonly number[]): readonly number[];
  readonly device: string;
  readonly peers: PeerSet;
  readonly files: PeerFiles;
  /** A line for people. */
  say(line: string): void;
  emit(row: BenchRow): void;
}

export type Suite = (context: SuiteContext) => Promise<void>;

/** Seconds that one run of a peer may take; what is foreseen to take longer is passed over. */
const peerLimitSeconds = 30;
/** Operations of a first run whose pace nobody knows yet. */
const firstWork = 3e10;
const budgetSeconds = 2;

export interface PeerComparison {
  readonly plan: EmbeddingPlan;
  readonly task: PeerRequest["task"];
  readonly rounds?: number;
  readonly centroids?: Float32Array;
  readonly groupRows?: readonly number[];
  /** Operations of one run, to foresee times with. */
  readonly work: number;
  /** What to hold against a peer on the CPU, and against one that has its data on a GPU. */
  ours(onGpu: boolean): Omit<Parameters<typeof benchRow>[0], "peer" | "peerTime">;
  /** Whether the peer's result is ours, and what else it shows. */
  compare(result: ArrayBuffer, answer: PeerAnswer): PeerVerdict | Promise<PeerVerdict>;
}

export interface PeerVerdict {
  readonly agrees: boolean | null;
  readonly details?: Readonly<Record<string, number | string>>;
}

/** Emits a row for each peer that can do the task, or one without a peer. */
export async function besidePeers(context: SuiteContext, comparison: PeerComparison): Promise<void> {
  let compared = 0;
  for (const peer of context.peers.peers) {
    if (!peer.can(comparison.task)) continue;
    const row = await besidePeer(context, peer, comparison);
    if (row === undefined) continue;
    context.emit(row);
    compared++;
  }
  if (compared === 0) context.emit(benchRow(comparison.ours(false)));
}

async function besidePeer(
  { files, quick, say }: SuiteContext,
  peer: Peer,
  { plan, task, rounds, centroids, groupRows, work, ours, compare }: PeerComparison,
): Promise<BenchRow | undefined> {
  const { name, version, device } = peer.info;
  const onGpu = device !== "cpu";
  const onCuda = name.startsWith("torch") || name.startsWith("flash");
  const own = ours(onGpu);
  const foreseen = peer.foresee(task, work);
  if (foreseen === undefined ? work > firstWork && !onCuda : foreseen > peerLimitSeconds) {
    const seconds = foreseen === undefined ? "an unknown time" : `about ${foreseen.toFixed(0)} s`;
    say(`  ${name} is passed over at ${own.size}: ${task} would take ${seconds}`);
    return undefined;
  }
  try {
    const answer = await peer.run(
      {
        task,
        rows: onCuda ? { plan } : files.rows(plan),
        ...(centroids && { centroids: files.matrix(centroids, plan.dim) }),
        ...(rounds !== undefined && { rounds }),
        ...(groupRows && { groupRows }),
        budgetSeconds: quick ? 0 : budgetSeconds,
        resultPath: files.resultPath,
      },
      work,
    );
    const theirs = summarize(answer.seconds);
    const { agrees, details } = await compare(files.result(), answer);
    return benchRow({
      ...own,
      peer: name,
      peerVersion: version,
      peerTime: theirs.median,
      peerAgrees: agrees,
      details: { ...own.details, ...details, peerSpread: theirs.spread, peerRuns: theirs.runCount },
    });
  } catch (error) {
    say(`  ${name} failed at ${task} of ${own.size}: ${(error as Error).message}`);
    return undefined;
  }
}
