// The benchmark suite: runs what is asked for on one device beside the peers that the machine has, prints a table, writes JSON
// and a plot; exits with 1 where a result is wrong or a measurement failed.
//   node bench/run.ts --help
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { ClipsieveError, UsageError } from "../src/errors.ts";
import { GpuContext } from "../src/gpu/context.ts";
import { measureCeilings } from "./ceilings.ts";
import type { Bench, BenchRow } from "./harness.ts";
import { benchHelp, parseBenchOptions } from "./options.ts";
import { PeerFiles } from "./peer_files.ts";
import { noPeers, openPeers } from "./peers/peer_host.ts";
import { plotRows } from "./plot.ts";
import { benchReport, growthExponents, tableHead, tableLine, withCeiling } from "./report.ts";
import type { Suite, SuiteContext } from "./suite.ts";

const suites = ["kmeans", "pairwise", "dedup", "split", "encode", "scale"];
/** Hours on an adapter that computes on the CPU; there it runs when it is asked for. */
const forGpus = ["scale"];

/** Runs the suite, or prints its help; resolves to the exit code, 1 where a result is wrong. Throws UsageError. */
export async function main(args: readonly string[]): Promise<number> {
  const options = parseBenchOptions(args);
  if (options === undefined) {
    process.stdout.write(benchHelp);
    return 0;
  }
  const { quick, sizes, maxRows, jsonPath, plotPath } = options;
  const stems = kernelStems();
  const known = ["kernels", ...suites, ...stems];
  const unknown = (options.suites ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(
      `Cannot run a suite that does not exist: ${unknown.join(", ")}. There are: ${known.join(", ")}`,
    );
  }
  const gpu = await GpuContext.acquire({ device: options.device });
  console.error(`adapter: ${gpu.adapter.name}`);
  const { software } = gpu.adapter;
  const wanted = options.suites ?? [
    "kernels",
    ...suites.filter((name) => !software || !forGpus.includes(name)),
  ];
  const torch = gpu.adapter.vendor === "nvidia";
  const peers =
    options.peers && wanted.some((name) => suites.includes(name)) ? await openPeers({ torch }) : noPeers;
  for (const { name, remedy } of peers.missing) console.error(`peer ${name}: ${remedy}`);
  const files = new PeerFiles();
  const rows: BenchRow[] = [];
  const failures: string[] = [];
  let ceilings: Awaited<ReturnType<typeof measureCeilings>> | null = null;
  try {
    if (existsSync(new URL("shaders/fma_ceiling.wgsl", import.meta.url))) {
      ceilings = await measureCeilings(gpu, quick);
      const { gigaflopsPerSecond, gigabytesPerSecond } = ceilings;
      console.error(
        `ceiling: ${gigaflopsPerSecond.toFixed(0)} GFLOP/s of f32 multiply-adds, ${gigabytesPerSecond.toFixed(1)} GB/s copied`,
      );
    }
    const emit = (row: BenchRow): void => {
      const whole = withCeiling(row, ceilings);
      console.log(tableLine(whole, rows.at(-1)));
      rows.push(whole);
    };
    const context: SuiteContext = {
      gpu,
      quick,
      sizes: (defaults) => (sizes.length > 0 ? sizes : defaults).filter((size) => size <= maxRows),
      device: options.device,
      peers,
      files,
      say: (line) => console.error(line),
      emit,
    };
    console.log(tableHead);
    for (const name of wanted.flatMap((wish) => (wish === "kernels" ? stems : [wish]))) {
      try {
        if (suites.includes(name)) await (await suiteOf(name))(context);
        else for (const row of await (await benchOf(name))(gpu, { quick })) emit(row);
      } catch (error) {
        // One that cannot run takes nothing from the others, save where the device is gone.
        if (gpu.lost !== undefined) throw error;
        failures.push(name);
        console.error(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await peers.close();
    files.destroy();
    gpu.destroy();
  }
  for (const [name, exponent] of Object.entries(growthExponents(rows)))
    console.log(`time of ${name} grows as n^${exponent.toFixed(2)}`);
  const command = ["node bench/run.ts", ...args].join(" ");
  const about = { ceilings, peers: peers.peers.map(({ info }) => info), missing: peers.missing };
  if (jsonPath !== undefined)
    writeFileSync(jsonPath, `${JSON.stringify(benchReport(gpu, command, rows, about), null, 2)}\n`);
  const plot = plotRows(rows);
  if (plotPath !== undefined && plot !== null) writeFileSync(plotPath, plot);
  return failures.length === 0 && rows.every(({ correct }) => correct) ? 0 : 1;
}

// The package holds compiled benches, with declarations beside them.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

function kernelStems(): string[] {
  const ending = `.bench${extension}`;
  return readdirSync(new URL(".", import.meta.url))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
}

async function benchOf(stem: string): Promise<Bench> {
  const { run } = (await import(new URL(`${stem}.bench${extension}`, import.meta.url).href)) as {
    run: Bench;
  };
  return run;
}

async function suiteOf(name: string): Promise<Suite> {
  const { run } = (await import(new URL(`suites/${name}${extension}`, import.meta.url).href)) as {
    run: Suite;
  };
  return run;
}

/** The suite as a program of its own, which complains without a stack as `clipsieve bench` does. */
async function runAlone(args: readonly string[]): Promise<number> {
  try {
    return await main(args);
  } catch (error) {
    if (!(error instanceof ClipsieveError)) throw error;
    console.error(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) process.exit(await runAlone(process.argv.slice(2)));
