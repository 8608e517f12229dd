// `clipsieve bench`: the benchmark suite of bench/, with its own options.

/** Runs the suite; resolves to its exit code. */
export async function bench(args: readonly string[]): Promise<number> {
  const { main } = await import("../../bench/run.ts");
  return await main(args);
}
