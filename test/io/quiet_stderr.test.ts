import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const modulePath = fileURLToPath(new URL("../../src/io/quiet_stderr.ts", import.meta.url));
const script = `
  import { writeSync } from "node:fs";
  import { withQuietStderr } from ${JSON.stringify(modulePath)};
  writeSync(2, "before ");
  const result = withQuietStderr(() => { writeSync(2, "noise "); return 7; });
  writeSync(2, "after " + result);
`;
/** Descriptors can be opened again through /proc, which is Linux's own; elsewhere nothing is silenced. */
const meanwhile = process.platform === "linux" ? "" : "noise ";
const folder = mkdtempSync(join(tmpdir(), "clipsieve-quiet-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the script under a shell that sends its standard error where `redirection` says. */
function runWith(redirection: string): string {
  const command = `"${process.execPath}" --no-warnings --input-type=module-typescript -e "$SCRIPT" ${redirection}`;
  return execFileSync("/bin/sh", ["-c", command], {
    env: { ...process.env, SCRIPT: script },
    encoding: "utf8",
  });
}

describe("withQuietStderr()", () => {
  test("drops what is written meanwhile and nothing else, on a pipe", () => {
    expect(runWith("2>&1 | cat")).toBe(`before ${meanwhile}after 7`);
  });

  test("does so on a file that is appended to", () => {
    const log = join(folder, "append.log");
    writeFileSync(log, "earlier ");
    runWith(`2>>"${log}"`);
    expect(readFileSync(log, "utf8")).toBe(`earlier before ${meanwhile}after 7`);
  });

  test("leaves a file alone whose position it could not restore", () => {
    const log = join(folder, "plain.log");
    runWith(`2>"${log}"`);
    expect(readFileSync(log, "utf8")).toBe("before noise after 7");
  });
});
