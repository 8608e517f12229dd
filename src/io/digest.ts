// Digests of bytes and of stored objects, as lower-case hex, by node:crypto (RFC 1321 for MD5, FIPS 180-4 for SHA-256).
// MD5 is here since the wids index of WebDataset asks for it; it protects against damage, not against malice.
import { createHash } from "node:crypto";
import { absentObjectError } from "./object_path.ts";
import type { Storage } from "./storage.ts";

/** A digest fed in pieces. `hex` ends it. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  hex(): string;
}

const RANGE_BYTES = 4 * 1024 * 1024;

export function createSha256(): RunningDigest {
  return runningDigest("sha256");
}

export function createMd5(): RunningDigest {
  return runningDigest("md5");
}

/** SHA-256 of bytes, of the UTF-8 bytes of a string, or of a stream of bytes. */
export function sha256Hex(body: AsyncIterable<Uint8Array>): Promise<string>;
export function sha256Hex(body: Uint8Array | string): string;
export function sha256Hex(body: Uint8Array | string | AsyncIterable<Uint8Array>): string | Promise<string> {
  return digestHex("sha256", body);
}

/** MD5 of bytes, of the UTF-8 bytes of a string, or of a stream of bytes. */
export function md5Hex(body: AsyncIterable<Uint8Array>): Promise<string>;
export function md5Hex(body: Uint8Array | string): string;
export function md5Hex(body: Uint8Array | string | AsyncIterable<Uint8Array>): string | Promise<string> {
  return digestHex("md5", body);
}

/**
 * SHA-256 of an object's content, read in ranges of at most 4 MiB.
 * @throws DataError where there is no such object.
 */
export async function contentDigest(storage: Storage, path: string): Promise<string> {
  const object = await storage.stat(path);
  if (object === undefined) throw absentObjectError(storage.root, path);
  const digest = createSha256();
  for (let start = 0; start < object.sizeBytes; start += RANGE_BYTES) {
    digest.update(await storage.read(path, { start, end: Math.min(start + RANGE_BYTES, object.sizeBytes) }));
  }
  return digest.hex();
}

function runningDigest(algorithm: string): RunningDigest {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
}

function digestHex(
  algorithm: string,
  body: Uint8Array | string | AsyncIterable<Uint8Array>,
): string | Promise<string> {
  if (typeof body === "string" || body instanceof Uint8Array)
    return createHash(algorithm).update(body).digest("hex");
  return streamHex(algorithm, body);
}

async function streamHex(algorithm: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash(algorithm);
  for await (const bytes of body) hash.update(bytes);
  return hash.digest("hex");
}
