// Checks that other programs make: the generated shaders are current, and what a browser loads type-checks without any
// type of Node.
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { root } from "./tree.ts";

function run(
  command: string,
  ...args: readonly string[]
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

test("src/generated/shaders.ts is what shaders/ builds", () => {
  expect(run(process.execPath, "shaders/build.ts", "--check")).toMatchObject({ status: 0 });
});

test("mod.ts and kernels.ts type-check with browser libraries only", () => {
  const { status, output } = run("node_modules/.bin/tsc", "-p", "tsconfig.web.json", "--listFiles");
  const problems = output.split("\n").filter((line) => line.includes("error TS"));
  expect(problems).toEqual([]);
  expect(status).toBe(0);
  expect(output).toContain("src/mod.ts");
  // One reference to Node's types by any package would make the check above prove nothing.
  expect(
    output
      .split("\n")
      .filter((line) => line.includes("@types/node/"))
      .slice(0, 3),
  ).toEqual([]);
});
