// Reason codes are a promise: each is explained to users.
import { expect, test } from "vitest";
import { reasonCodes } from "../../src/errors.ts";
import { readText } from "./tree.ts";

test("docs/reasons.md explains every code, and no other", () => {
  const rows = readText("docs/reasons.md").matchAll(
    /^\| `([a-z0-9-]+)` \| (?:skipped|failed|skipped or failed) \|/gm,
  );
  expect(Array.from(rows, ([, code]) => code)).toEqual([...reasonCodes]);
});
