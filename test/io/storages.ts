// The storages that one test body runs over, each over a place of its own that is gone afterwards.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileStorage } from "../../src/io/file_storage.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import type { Storage } from "../../src/io/storage.ts";

export const STORAGES: readonly (readonly [name: string, use: UseStorage])[] = [
  ["memory", (body) => body(new MemoryStorage())],
  ["file", (body) => withFolder((folder) => body(new FileStorage(folder)))],
];

type UseStorage = (body: (storage: Storage) => Promise<void>) => Promise<void>;

export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "clipsieve-test-"));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export async function textOf(storage: Storage, path: string): Promise<string> {
  return new TextDecoder().decode(await storage.read(path));
}

export async function pathsOf(storage: Storage, folder = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const object of storage.list(folder)) paths.push(object.path);
  return paths;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
