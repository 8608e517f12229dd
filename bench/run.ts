// The benchmark suite: runs what is asked for on one device beside the peers that the machine has, prints a table, writes JSON
// and a plot; exits with 1 where a result is wrong or a measurement failed.
//   node bench/run.ts [--suite NAME]... [--quick] [--json FILE] [--plot FILE] [--sizes N,N] [--max-rows N] [--no-peers]
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { GpuContext } from "../src/gpu/context.ts";
import type { DevicePreference } from "../src/types.ts";
import { measureCeilings } from "./ceilings.ts";
import type { Bench, BenchRow } from "./harness.ts";
import { PeerFiles } from "./peer_files.ts";
import { noPeers, openPeers } from "./peers/peer_host.ts";
import { plotRows } from "./plot.ts";
import { benchReport, growthExponents, tableHead, tableLine, withCeiling } from "./report.ts";
import type { Suite, SuiteContext } from "./suite.ts";

const suites = ["kmeans", "pairwise", "dedup", "split", "encode", "scale"];
/** Hours on an adapter that computes on the CPU; there it runs when it is asked for. */
const forGpus = ["scale"];

/** Runs the suite with its command line arguments; resolves to the exit code: 1 where a result is wrong, 2 for wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      suite: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      plot: { type: "string" },
      sizes: { type: "string" },
      "max-rows": { type: "string" },
      peers: { type: "boolean" },
      device: { type: "string", default: "auto" },
    },
  });
  const stems = kernelStems();
  const known = ["kernels", ...suites, ...stems];
  const unknown = (values.suite ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(
      `Cannot run a suite that does not exist: ${unknown.join(", ")}. There are: ${known.join(", ")}`,
    );
    return 2;
  }
  const given = (values.sizes ?? "").split(",").filter((size) => size !== "");
  const sizes = given.map(Number);
  const maxRows = Number(values["max-rows"] ?? Number.POSITIVE_INFINITY);
  if (![...sizes, maxRows].every((size) => size > 0)) {
    console.error(
      "Cannot run as --sizes and --max-rows must be numbers of rows above 0: --sizes 10000,20000",
    );
    return 2;
  }
  const { quick } = values;
  const gpu = await GpuContext.acquire({ device: values.device as DevicePreference });
  console.error(`adapter: ${gpu.adapter.name}`);
  const { software } = gpu.adapter;
  const wanted = values.suite ?? [
    "kernels",
    ...suites.filter((name) => !software || !forGpus.includes(name)),
  ];
  const withPeers = values.peers ?? !quick;
  const torch = gpu.adapter.vendor === "nvidia";
  const peers =
    withPeers && wanted.some((name) => suites.includes(name)) ? await openPeers({ torch }) : noPeers;
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
      device: values.device,
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
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify(benchReport(gpu, command, rows, about), null, 2)}\n`);
  const plotPath = values.plot ?? values.json?.replace(/(\.json)?$/, ".svg");
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

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
