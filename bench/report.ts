// What a run says: a table for people, and one JSON object for machines, with what was measured on and with what.
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";
import type { GpuContext } from "../src/gpu/context.ts";
import { clipsieveVersion } from "../src/version.ts";
import type { Ceilings } from "./ceilings.ts";
import type { BenchRow } from "./harness.ts";
import type { MissingPeer, PeerInfo } from "./peers/protocol.ts";

export interface BenchReport {
  readonly rows: readonly BenchRow[];
  readonly machine: Readonly<Record<string, string | number>>;
  readonly ceilings: Ceilings | null;
  /** Time grows as n to this power. */
  readonly growth: Readonly<Record<string, number>>;
  readonly date: string;
  /** What was typed. */
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly missingPeers: readonly MissingPeer[];
}

export function benchReport(
  gpu: GpuContext,
  command: string,
  rows: readonly BenchRow[],
  about: {
    readonly ceilings: Ceilings | null;
    readonly peers: readonly PeerInfo[];
    readonly missing: readonly MissingPeer[];
  },
): BenchReport {
  const cudaName = about.peers.find(({ name }) => name.startsWith("torch"))?.device;
  return {
    rows,
    machine: {
      adapter: gpu.adapter.name,
      // WebGPU names the family of an NVIDIA chip only; CUDA knows which it is.
      ...(cudaName !== undefined && { gpu: cudaName }),
      provider: gpu.adapter.provider,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()} ${arch()}`,
    },
    ceilings: about.ceilings,
    growth: growthExponents(rows),
    date: new Date().toISOString(),
    command,
    versions: {
      clipsieve: clipsieveVersion,
      node: process.versions.node,
      ...Object.fromEntries(about.peers.map(({ name, version }) => [name, version])),
    },
    missingPeers: about.missing,
  };
}

/** Adds what share of the device's ceiling a row's kernels reach. */
export function withCeiling(row: BenchRow, ceilings: Ceilings | null): BenchRow {
  if (ceilings === null || row.rate === null) return row;
  const ceiling = { "GFLOP/s": ceilings.gigaflopsPerSecond, "GB/s": ceilings.gigabytesPerSecond }[
    row.unit as string
  ];
  if (ceiling === undefined) return row;
  const rate = row.gpuTime === null ? row.rate : (row.rate * row.ours) / row.gpuTime;
  return { ...row, ceilingShare: rate / ceiling };
}

export const tableHead: string = cells([
  "measurement",
  "size",
  "ours",
  "spread",
  "rate",
  "of ceiling",
  "peer",
  "its time",
  "ratio",
]);

/** One line; a row that only adds a peer to the row before it repeats nothing. */
export function tableLine(row: BenchRow, before?: BenchRow): string {
  const follows =
    before !== undefined && before.name === row.name && before.size === row.size && before.ours === row.ours;
  const { name, size, ours, spread, rate, unit, ceilingShare, peer, peerTime, ratio, correct, peerAgrees } =
    row;
  const notes = [
    correct ? "" : "WRONG RESULT",
    peerAgrees === false ? "the peer's result differs" : "",
    objectives(row),
    typeof row.details.updateShare === "number" && !follows
      ? `update ${(row.details.updateShare * 100).toFixed(0)} % of a round`
      : "",
  ].filter((note) => note !== "");
  const line = cells([
    ...(follows
      ? ["", "", "", "", "", ""]
      : [
          name,
          size,
          secondsText(ours),
          `±${(spread * 50).toFixed(0)} %`,
          rate === null ? "" : `${threeDigits(rate)} ${unit}`,
          ceilingShare === null ? "" : `${(ceilingShare * 100).toFixed(ceilingShare < 0.1 ? 1 : 0)} %`,
        ]),
    peer ?? "",
    peerTime === null ? "" : secondsText(peerTime),
    ratio === null ? "" : `${ratio.toPrecision(3)} x`,
  ]);
  return `${line}  ${notes.join(", ")}`.trimEnd();
}

/** How far the peer's objective lies from ours, where that says more than that they agree. */
function objectives({ details, peerAgrees }: BenchRow): string {
  const { objective, peerObjective } = details;
  if (typeof objective !== "number" || typeof peerObjective !== "number" || peerAgrees === true) return "";
  const share = (peerObjective / objective - 1) * 100;
  return `its objective ${share < 0 ? "−" : "+"}${Math.abs(share).toFixed(2)} %`;
}

function cells(values: readonly string[]): string {
  const widths = [38, 24, -9, -7, -14, -11, 21, -9, -8];
  return values
    .map((value, i) => {
      const width = widths[i]!;
      return width < 0 ? value.padStart(-width) : value.padEnd(width);
    })
    .join(" ")
    .trimEnd();
}

export function secondsText(seconds: number): string {
  if (seconds >= 100) return `${seconds.toFixed(0)} s`;
  if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toPrecision(3)} ms` : `${(seconds * 1e6).toPrecision(3)} µs`;
}

function threeDigits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Least squares on logarithms: time grows as n to this power. By measurement and tool, where at least three sizes are known. */
export function growthExponents(rows: readonly BenchRow[]): Record<string, number> {
  const points = new Map<string, Map<number, number>>();
  const add = (key: string, n: number, seconds: number): void => {
    points.set(key, (points.get(key) ?? new Map<number, number>()).set(n, seconds));
  };
  for (const { name, rowCount, ours, peer, peerTime } of rows) {
    if (rowCount === null) continue;
    add(`${name}: clipsieve`, rowCount, ours);
    if (peer !== null && peerTime !== null) add(`${name}: ${peer}`, rowCount, peerTime);
  }
  const exponents: Record<string, number> = {};
  for (const [key, known] of points) {
    if (known.size < 3) continue;
    const logs = [...known].map(([n, seconds]) => [Math.log(n), Math.log(seconds)] as const);
    const mean = (pick: 0 | 1): number => logs.reduce((sum, log) => sum + log[pick], 0) / logs.length;
    const [x, y] = [mean(0), mean(1)];
    const covariance = logs.reduce((sum, log) => sum + (log[0] - x) * (log[1] - y), 0);
    exponents[key] = covariance / logs.reduce((sum, log) => sum + (log[0] - x) ** 2, 0);
  }
  return exponents;
}
