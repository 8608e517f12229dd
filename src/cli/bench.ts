// `clipsieve bench`: the benchmark suite of bench/, with its own options.
import { UsageError } from "../errors.ts";

const help = `Usage: clipsieve bench [options]

Measure the GPU kernels on this machine and check their results; exit code 1 where a result is wrong

Options:
  --suite <name>     Only this suite (kmeans_assign, pairwise_max, ...); may be given several times
  --quick            Small sizes and few repeats
  --json <file>      Also write the figures as JSON
  --device <choice>  Where to compute (choices: "auto", "gpu", "software", default: "auto")
  -h, --help         display help for command
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
