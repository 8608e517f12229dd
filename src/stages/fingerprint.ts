// Digests that tell whether a unit's inputs and options are the ones its outputs were made from; moving or touching a file
// changes nothing. Tables are digested whole, as one value changed in place must be noticed. Videos are sampled: size,
// head, tail and windows spread between tell a replaced file, and terabytes need not be read to resume a run.
import type { Storage, StoredObject } from "../io/storage.ts";
import type { JsonValue } from "../types.ts";
import { inOrder } from "./side_by_side.ts";

const windowBytes = 65_536;
const windowCount = 16;
/** Bytes of a table that are digested as one, and how many such pieces are held at once. */
const pieceBytes = 8 * 1024 * 1024;
const piecesAtOnce = 3;

/** Up to so many bytes a digest takes less time than handing them to another thread, which is all that browsers offer. */
const smallBytes = 2 ** 20;

/** Node's, Bun's and Deno's door to their own modules; absent in browsers. */
interface NativeModules {
  getBuiltinModule?(
    name: "node:crypto",
  ):
    | { createHash(name: "sha256"): { update(bytes: Uint8Array): { digest(form: "hex"): string } } }
    | undefined;
}

const native = (globalThis as { readonly process?: NativeModules }).process?.getBuiltinModule?.(
  "node:crypto",
);

export async function digestBytes(bytes: Uint8Array): Promise<string> {
  if (native !== undefined && bytes.byteLength <= smallBytes)
    return native.createHash("sha256").update(bytes).digest("hex");
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

/** Digest of a video: its size and sampled windows. */
export async function digestSamples(storage: Storage, { path, sizeBytes }: StoredObject): Promise<string> {
  const windows: string[] = [];
  for (const start of sampleWindows(sizeBytes)) {
    const end = Math.min(start + windowBytes, sizeBytes);
    windows.push(await digestBytes(await storage.read(path, { start, end })));
  }
  return digestValue([sizeBytes, ...windows]);
}

/** Digest of tables by path and whole content. */
export async function digestTables(storage: Storage, tables: readonly StoredObject[]): Promise<string> {
  const rows = tables.map(({ path }) => [path]);
  const pieces = inOrder(piecesOf(tables), piecesAtOnce, async ({ table, ...range }) => ({
    table,
    digest: await digestBytes(await storage.read(tables[table]!.path, range)),
  }));
  for await (const { table, digest } of pieces) rows[table]!.push(digest);
  return digestValue(rows);
}

function* piecesOf(
  tables: readonly StoredObject[],
): Generator<{ readonly table: number; readonly start: number; readonly end: number }> {
  for (const [table, { sizeBytes }] of tables.entries()) {
    for (let start = 0; start < sizeBytes; start += pieceBytes)
      yield { table, start, end: Math.min(start + pieceBytes, sizeBytes) };
  }
}
