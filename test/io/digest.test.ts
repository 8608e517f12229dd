import { expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { crc32 } from "../../src/io/crc32.ts";
import { contentDigest, md5Hex, sha256Hex } from "../../src/io/digest.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import { bytesOf } from "./storages.ts";

// Test vectors: FIPS 180-4 "abc", RFC 1321 "abc", and the check value of CRC-32/ISO-HDLC.
test("digests of bytes, strings and streams agree with the published vectors", async () => {
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const md5 = "900150983cd24fb0d6963f7d28e17f72";
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield bytesOf("a");
    yield bytesOf("bc");
  }
  expect(sha256Hex("abc")).toBe(sha256);
  expect(sha256Hex(bytesOf("abc"))).toBe(sha256);
  expect(await sha256Hex(stream())).toBe(sha256);
  expect(md5Hex("abc")).toBe(md5);
  expect(await md5Hex(stream())).toBe(md5);
});

test.each([
  ["", 0],
  ["123456789", 0xcbf43926],
  ["a", 0xe8b7be43],
] as const)("crc32 of %j", (text, expected) => {
  expect(crc32(bytesOf(text))).toBe(expected);
});

test("the digest of an object longer than a range is that of its bytes", async () => {
  const storage = new MemoryStorage();
  const bytes = new Uint8Array(9 * 1024 * 1024 + 1).map((_, index) => index * 31);
  await storage.write("x", bytes);
  expect(await contentDigest(storage, "x")).toBe(sha256Hex(bytes));
  await storage.write("empty", "");
  expect(await contentDigest(storage, "empty")).toBe(sha256Hex(""));
  await expect(contentDigest(storage, "absent")).rejects.toThrow(DataError);
});
