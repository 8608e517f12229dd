// Runs every bench of this folder on one device and prints a table; exits with 1 where a result is wrong.
//   node bench/run.ts [--suite NAME] [--quick] [--json FILE] [--device auto|gpu|software]
import { readdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { GpuContext } from "../src/gpu/context.ts";
import type { DevicePreference } from "../src/types.ts";
import type { Bench, BenchRow } from "./harness.ts";

/** Runs the suite with its command line arguments; resolves to the exit code: 1 where a result is wrong, 2 for wrong usage. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      device: { type: "string", default: "auto" },
    },
  });
  const folder = new URL(".", import.meta.url);
  // The package holds compiled benches, with declarations beside them.
  const ending = import.meta.url.endsWith(".ts") ? ".bench.ts" : ".bench.js";
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .sort();
  const unknown = (values.suite ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(
      `Cannot run a suite that does not exist: ${unknown.join(", ")}. There are: ${names.join(", ")}`,
    );
    return 2;
  }
  const gpu = await GpuContext.acquire({ device: values.device as DevicePreference });
  console.error(`adapter: ${gpu.adapter.name}`);
  const rows: BenchRow[] = [];
  try {
    for (const name of values.suite ?? names) {
      const { run } = (await import(new URL(`${name}${ending}`, folder).href)) as { run: Bench };
      for (const row of await run(gpu, { quick: values.quick })) {
        rows.push(row);
        console.log(describe(row));
      }
    }
  } finally {
    gpu.destroy();
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  return rows.every(({ correct }) => correct) ? 0 : 1;
}

function describe({ name, size, ours, spread, rate, unit, peer, ratio, correct }: BenchRow): string {
  const cells = [
    name.padEnd(18),
    size.padEnd(30),
    `${(ours * 1000).toFixed(2)} ms`.padStart(12),
    `±${(spread * 50).toFixed(0)} %`.padStart(7),
    `${rate.toFixed(1)} ${unit}`.padStart(16),
    ratio === null ? "" : `${ratio.toFixed(2)} x ${peer}`,
    correct ? "" : "WRONG RESULT",
  ];
  return cells.join(" ").trimEnd();
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
