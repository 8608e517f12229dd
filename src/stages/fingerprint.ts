// Digests that tell whether a unit's inputs and options are the ones its outputs were made from. Content is sampled:
// size, head, tail and windows spread between, so that terabytes of video need not be read to resume a run. A replaced
// file is noticed whatever its name and times; moving or touching one changes nothing.
import type { Storage, StoredObject } from "../io/storage.ts";
import type { JsonValue } from "../types.ts";

const windowBytes = 65_536;
const windowCount = 16;

export async function digestBytes(bytes: Uint8Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Digest of a value; the order of keys does not matter. */
export function digestValue(value: JsonValue): Promise<string> {
  return digestBytes(new TextEncoder().encode(JSON.stringify(value, sortedKeys)));
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Start offsets of the sampled windows of an object, ascending. */
export function sampleWindows(sizeBytes: number): number[] {
  if (sizeBytes <= windowBytes * windowCount) {
    return Array.from({ length: Math.ceil(sizeBytes / windowBytes) }, (_, index) => index * windowBytes);
  }
  const step = (sizeBytes - windowBytes) / (windowCount - 1);
  return Array.from({ length: windowCount }, (_, index) => Math.floor(index * step));
}

/** Digest of an object's content. */
export async function digestContent(storage: Storage, object: StoredObject): Promise<string> {
  const windows: string[] = [];
  for (const start of sampleWindows(object.sizeBytes)) {
    const end = Math.min(start + windowBytes, object.sizeBytes);
    windows.push(await digestBytes(await storage.read(object.path, { start, end })));
  }
  return digestValue([object.sizeBytes, ...windows]);
}

/** Digest of several objects by path and content. */
export async function digestObjects(storage: Storage, objects: readonly StoredObject[]): Promise<string> {
  const rows: JsonValue[] = [];
  for (const object of objects) rows.push([object.path, await digestContent(storage, object)]);
  return digestValue(rows);
}
