import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "clipsieve-bench-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bench(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const program = join(import.meta.dirname, "../../bench/run.ts");
  const env = { ...process.env, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe("bench/run.ts", () => {
  test("names the peers that are missing, with the command that brings them, and measures without them", async () => {
    const json = join(folder, "out.json");
    const args = ["--quick", "--peers", "--suite", "pairwise", "--sizes", "300,600", "--json", json];
    const { code, stdout, stderr } = await bench(args, { CLIPSIEVE_BENCH_PYTHON: join(folder, "no-python") });
    expect(stderr).toMatch(/peer Python: cannot start .*no-python/);
    expect([code, stdout.includes("pairwise, one cluster")]).toEqual([0, true]);
    const report = JSON.parse(readFileSync(json, "utf8")) as {
      readonly rows: readonly { readonly correct: boolean; readonly rowCount: number }[];
      readonly missingPeers: readonly { readonly name: string; readonly remedy: string }[];
      readonly [key: string]: unknown;
    };
    expect(Object.keys(report).sort()).toEqual(
      "ceilings command date growth machine missingPeers rows versions".split(" "),
    );
    expect(report.rows.every(({ correct }) => correct)).toBe(true);
    expect(new Set(report.rows.map(({ rowCount }) => rowCount))).toEqual(new Set([300, 600]));
    for (const { name, remedy } of report.missingPeers)
      if (name !== "Python") expect(remedy).toContain("npm install --prefix bench/peers");
    expect(readFileSync(json.replace(".json", ".svg"), "utf8")).toContain("<svg");
  });

  test("refuses what it does not know, and says what it does", async () => {
    const unknown = await bench(["--suite", "kmean"]);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("kmeans, pairwise, dedup")]);
    const sizes = await bench(["--sizes", "many"]);
    expect([sizes.code, sizes.stderr]).toEqual([2, expect.stringContaining("--sizes 10000,20000")]);
    const option = await bench(["--rounds", "3"]);
    expect([option.code, option.stderr]).toEqual([2, expect.stringMatching(/^Cannot .*'--rounds'.* --help/)]);
    expect(option.stderr.trim().split("\n")).toHaveLength(1);
    const help = await bench(["--help"]);
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("--max-rows <n>")]);
  });
});
