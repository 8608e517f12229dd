// `clipsieve bench`: the benchmark suite of bench/, with its own options.
import { UsageError } from "../errors.ts";

const help = `Usage: clipsieve bench [options]

Measure this machine beside what else it has for the same work, and check every result; exit code 1 where one is wrong

Options:
  --suite <name>     Only this: kmeans, pairwise, dedup, split, encode, kernels, or one kernel (kmeans_assign, ...);
                     may be given several times
  --sizes <n,n>      Rows to measure at, instead of each suite's own
  --max-rows <n>     No size above this
  --no-peers         Ours alone, without other tools
  --quick            Small sizes and few repeats, without other tools (unless --peers)
  --json <file>      Also write the figures as JSON, and a plot of time against rows beside it (.svg)
  --plot <file>      Where the plot goes
  --device <choice>  Where to compute (choices: "auto", "gpu", "software", default: "auto")
  -h, --help         display help for command

Other tools are started where they are found. npm's are brought by \`npm install --prefix bench/peers\`, Python's by pip;
CLIPSIEVE_BENCH_PYTHON names another Python than python3. What is missing is named when the run begins.
`;

/** Runs the suite; resolves to its exit code. */
export async function bench(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(help);
    return 0;
  }
  const { main } = await import("../../bench/run.ts");
  try {
    return await main(args);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!code.startsWith("ERR_PARSE_ARGS")) throw error;
    throw new UsageError(
      `Cannot run the benchmarks as an option is wrong: ${(error as Error).message.split(". ")[0]}. Run \`clipsieve bench --help\` for its options`,
      { cause: error },
    );
  }
}
