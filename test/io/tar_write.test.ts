// Archives written here and read by GNU tar and by tar-stream.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { extract } from "tar-stream";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { createMd5, md5Hex } from "../../src/io/digest.ts";
import { FileStorage } from "../../src/io/file_storage.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import type { Storage } from "../../src/io/storage.ts";
import { createTarWriter, type TarMember, type TarSummary, tarMemberBytes } from "../../src/io/tar_write.ts";
import { bytesOf, pathsOf, withFolder } from "./storages.ts";

function member(name: string, body: Uint8Array, pieceBytes = 10_000): TarMember {
  async function* read(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < body.length; start += pieceBytes) yield body.slice(start, start + pieceBytes);
  }
  return { name, sizeBytes: body.length, read };
}

async function writeTar(storage: Storage, members: readonly TarMember[]): Promise<TarSummary> {
  const tar = createTarWriter(await storage.create("x.tar"), createMd5());
  for (const each of members) await tar.add(each);
  return tar.close();
}

async function readTar(
  bytes: Uint8Array,
): Promise<{ name: string; mode: number; mtime: Date; body: Uint8Array }[]> {
  const entries: { name: string; mode: number; mtime: Date; body: Uint8Array }[] = [];
  const reader = extract();
  reader.end(bytes);
  for await (const entry of reader) {
    const pieces: Uint8Array[] = [];
    for await (const piece of entry) pieces.push(piece as Uint8Array);
    const { name, mode, mtime } = entry.header;
    entries.push({ name, mode, mtime, body: new Uint8Array(Buffer.concat(pieces)) });
  }
  return entries;
}

const BODIES: readonly (readonly [name: string, body: Uint8Array])[] = [
  ["empty.bin", new Uint8Array(0)],
  ["a.json", bytesOf('{"a":1}')],
  ["block.bin", new Uint8Array(512).fill(1)],
  ["large.mp4", new Uint8Array(1_000_003).map((_, index) => index)],
  [`${"long-".repeat(40)}.txt`, bytesOf("a name of more than 100 bytes")],
  ["ünï.txt", bytesOf("unicode")],
];

test("tar-stream reads every member with its bytes, fixed mode and time", async () => {
  const storage = new MemoryStorage();
  await writeTar(
    storage,
    BODIES.map(([name, body]) => member(name, body)),
  );
  const entries = await readTar(await storage.read("x.tar"));
  expect(entries.map(({ name, body }) => [name, body])).toEqual(BODIES);
  for (const { mode, mtime } of entries) expect([mode, mtime.getTime()]).toEqual([0o644, 0]);
});

test("GNU tar lists and extracts it", () =>
  withFolder(async (folder) => {
    const storage = new FileStorage(folder);
    await writeTar(
      storage,
      BODIES.map(([name, body]) => member(name, body)),
    );
    const environment = { env: { ...process.env, LC_ALL: "C.UTF-8" } };
    const run = promisify(execFile);
    const { stdout } = await run("tar", ["--numeric-owner", "-tvf", join(folder, "x.tar")], environment);
    expect(stdout).toMatch(/^-rw-r--r-- 0\/0 +7 1970-01-01 00:00 a\.json$/m);
    await run("tar", ["-xf", join(folder, "x.tar"), "-C", folder], environment);
    for (const [name, body] of BODIES) expect(await storage.read(name)).toEqual(body);
  }));

test("the same members give the same bytes, however they are cut into pieces", async () => {
  const [first, second] = [new MemoryStorage(), new MemoryStorage()];
  const one = await writeTar(
    first,
    BODIES.map(([name, body]) => member(name, body, 7)),
  );
  const other = await writeTar(
    second,
    BODIES.map(([name, body]) => member(name, body, 300_000)),
  );
  expect(await first.read("x.tar")).toEqual(await second.read("x.tar"));
  expect(one).toEqual(other);
  const bytes = await first.read("x.tar");
  expect(one).toEqual({ sizeBytes: bytes.length, digest: md5Hex(bytes) });
});

test("the bytes of a member are known before it is written", async () => {
  const storage = new MemoryStorage();
  for (const sizeBytes of [0, 1, 511, 512, 513, 100_000]) {
    const summary = await writeTar(storage, [member("x", new Uint8Array(sizeBytes))]);
    expect(summary.sizeBytes).toBe(tarMemberBytes(sizeBytes) + 1024);
  }
});

describe("failures", () => {
  test.each([
    ["shorter", 5],
    ["longer", 2],
  ])("a body %s than was said is a DataError, and nothing is left", async (_name, sizeBytes) => {
    const storage = new MemoryStorage();
    const tar = createTarWriter(await storage.create("x.tar"));
    await expect(tar.add({ ...member("x", bytesOf("abc")), sizeBytes })).rejects.toThrow(DataError);
    await tar.abort();
    await tar.abort();
    expect(await pathsOf(storage)).toEqual([]);
  });

  test("a body that fails passes its error on", async () => {
    const tar = createTarWriter(await new MemoryStorage().create("x.tar"));
    const read = async function* (): AsyncGenerator<Uint8Array> {
      yield bytesOf("a");
      throw new Error("source failed");
    };
    await expect(tar.add({ name: "x", sizeBytes: 3, read })).rejects.toThrow("source failed");
    await tar.abort();
  });

  test("a full disk ends the member that waits for it", async () => {
    let writes = 0;
    let isAborted = false;
    const tar = createTarWriter({
      write: async () => {
        if (++writes > 3) throw new DataError("disk full");
      },
      close: async () => undefined,
      abort: async () => {
        isAborted = true;
      },
    });
    await expect(tar.add(member("x", new Uint8Array(1_000_000)))).rejects.toThrow("disk full");
    await expect(tar.add(member("y", new Uint8Array(1)))).rejects.toThrow("disk full");
    await tar.abort();
    expect(isAborted).toBe(true);
  });
});
