// Reason codes are a promise: each is explained to users, and each is reached by a test that causes it.
import { expect, test } from "vitest";
import { reasonCodes } from "../../src/errors.ts";
import { filesBelow, readText, withoutComments } from "./tree.ts";

test("docs/reasons.md explains every code, and no other", () => {
  const rows = readText("docs/reasons.md").matchAll(
    /^\| `([a-z0-9-]+)` \| (?:skipped|failed|skipped or failed) \|/gm,
  );
  expect(Array.from(rows, ([, code]) => code)).toEqual([...reasonCodes]);
});

test("docs/reasons.md says what to do about each", () => {
  const rows = readText("docs/reasons.md").matchAll(/^\| `([a-z0-9-]+)` \|.*\| *(.*?) *\|$/gm);
  expect(Array.from(rows).filter(([, , remedy]) => remedy === "")).toEqual([]);
});

test("every code is expected by a test that is not this one", () => {
  const tests = filesBelow(["test"], ".test.ts")
    .filter((path) => !path.startsWith("test/house/"))
    .map((path) => withoutComments(readText(path)))
    .join("\n");
  expect(reasonCodes.filter((code) => !tests.includes(`"${code}"`))).toEqual([]);
});
