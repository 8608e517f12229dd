// The options of the benchmark suite: read, checked and described in one place. node:util reads them, since a GPU machine
// that measures kernels has nothing but Node and the package `webgpu`.
import { parseArgs } from "node:util";
import { UsageError } from "../src/errors.ts";
import type { DevicePreference } from "../src/types.ts";

export interface BenchOptions {
  /** Suites and kernels by name; undefined: what the machine can run in reasonable time. */
  readonly suites: readonly string[] | undefined;
  readonly quick: boolean;
  readonly jsonPath: string | undefined;
  readonly plotPath: string | undefined;
  /** Rows to measure at; empty: each suite's own. */
  readonly sizes: readonly number[];
  readonly maxRows: number;
  readonly peers: boolean;
  readonly device: DevicePreference;
}

const devices = ["auto", "gpu", "software"] as const satisfies readonly DevicePreference[];

export const benchHelp = `Usage: clipsieve bench [options]

Measure this machine beside what else it has for the same work, and check every result; exit code 1 where one is wrong

Options:
  --suite <name>     Only this: kmeans, pairwise, dedup, split, encode, scale, kernels, or one kernel (kmeans_assign, ...);
                     may be given several times
  --sizes <n,n>      Rows to measure at, instead of each suite's own
  --max-rows <n>     No size above this
  --no-peers         Ours alone, without other tools
  --quick            Small sizes and few repeats, without other tools (unless --peers)
  --json <file>      Also write the figures as JSON, and a plot of time against rows beside it (.svg)
  --plot <file>      Where the plot goes
  --device <choice>  Where to compute (choices: "auto", "gpu", "software", default: "auto")
  -h, --help         Print this help

Other tools are started where they are found. npm's are brought by \`npm install --prefix bench/peers\`, Python's by pip;
CLIPSIEVE_BENCH_PYTHON names another Python than python3. What is missing is named when the run begins.
`;

/** What was asked for; undefined: the help. Throws UsageError. */
export function parseBenchOptions(args: readonly string[]): BenchOptions | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  const sizes = (values.sizes ?? "")
    .split(",")
    .filter((size) => size !== "")
    .map(Number);
  const maxRows = Number(values["max-rows"] ?? Number.POSITIVE_INFINITY);
  if (![...sizes, maxRows].every((size) => size > 0)) {
    const given = [values.sizes, values["max-rows"]].filter((value) => value !== undefined).join(" and ");
    throw new UsageError(
      `Cannot measure as --sizes and --max-rows are numbers of rows above 0, and not ${given}. An example: --sizes 10000,20000`,
    );
  }
  const device = devices.find((choice) => choice === values.device);
  if (device === undefined) {
    throw new UsageError(
      `Cannot measure as there is no device ${values.device}. Give --device ${devices.join(", ")}`,
    );
  }
  return {
    suites: values.suite,
    quick: values.quick,
    jsonPath: values.json,
    plotPath: values.plot ?? values.json?.replace(/(\.json)?$/, ".svg"),
    sizes,
    maxRows,
    peers: values.peers ?? !values.quick,
    device,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
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
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    const complaint = (error as Error).message.split(". ")[0];
    throw new UsageError(
      `Cannot measure as an option is wrong: ${complaint}. Run \`clipsieve bench --help\` for the options`,
      { cause: error },
    );
  }
}
