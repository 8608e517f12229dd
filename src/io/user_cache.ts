// Small values that may be computed again at any time, kept for the next run in the user's cache folder
// ($XDG_CACHE_HOME/clipsieve, else ~/.cache/clipsieve). Whatever goes wrong there, the value is computed instead.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** The value kept under `name` if it was kept for the same `key`; else computes and keeps it. */
export async function cached<T>(name: string, key: string, compute: () => Promise<T>): Promise<T> {
  const folder = cacheFolder();
  if (folder === undefined) return await compute();
  const path = join(folder, `${name}.json`);
  try {
    const kept = JSON.parse(await readFile(path, "utf8")) as { readonly key: string; readonly value: T };
    if (kept.key === key) return kept.value;
  } catch {
    // None yet, or none that can be read.
  }
  const value = await compute();
  try {
    await mkdir(folder, { recursive: true });
    const temporary = `${path}.${process.pid}`;
    await writeFile(temporary, JSON.stringify({ key, value }));
    await rename(temporary, path);
  } catch {
    // A folder that may not be written costs time in the next run, no more.
  }
  return value;
}

function cacheFolder(): string | undefined {
  try {
    return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "clipsieve");
  } catch {
    // Deno refuses the environment without permission.
    return undefined;
  }
}
