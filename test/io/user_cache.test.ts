import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cached } from "../../src/io/user_cache.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "clipsieve-cache-test-"));
  vi.stubEnv("XDG_CACHE_HOME", folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("a value is computed once for a key", async () => {
  const compute = vi.fn(async () => ({ best: 3 }));
  expect(await cached("tuning", "a", compute)).toEqual({ best: 3 });
  expect(await cached("tuning", "a", compute)).toEqual({ best: 3 });
  expect(compute).toHaveBeenCalledTimes(1);
  await cached("tuning", "b", compute);
  expect(compute).toHaveBeenCalledTimes(2);
});

test("a damaged file counts as none, and is replaced", async () => {
  await cached("tuning", "a", async () => 1);
  const path = join(folder, "clipsieve", "tuning.json");
  await writeFile(path, "{");
  expect(await cached("tuning", "a", async () => 2)).toBe(2);
  expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ key: "a", value: 2 });
});

test("a folder that cannot be made costs no more than the computation", async () => {
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "file"));
  await writeFile(join(folder, "file"), "");
  expect(await cached("tuning", "a", async () => 5)).toBe(5);
});
