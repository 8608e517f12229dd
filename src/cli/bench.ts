// `clipsieve bench`: the benchmark suite of bench/, with its own options. It is loaded when it is asked for.

/** Runs the suite, or prints its help; resolves to its exit code. Throws UsageError. */
export async function bench(args: readonly string[]): Promise<number> {
  const { main } = await import("../../bench/run.ts");
  return main(args);
}
