// Folders that a test file may fill; they go when its tests are over.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

// Hooks of a file run in reverse, so this one, which an import registers, comes after those that close files.
afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** A new folder, empty. */
export function scratchFolder(): string {
  const path = mkdtempSync(join(tmpdir(), "clipsieve-test-"));
  made.push(path);
  return path;
}
