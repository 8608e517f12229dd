// The laws of a Storage, over each implementation with one body.
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import { bytesOf, pathsOf, STORAGES, textOf } from "./storages.ts";

describe.each(STORAGES)("%s storage", (_name, use) => {
  test("gives back what was written, whole and by range", () =>
    use(async (storage) => {
      expect(await storage.write("a/b.txt", "héllo")).toBe(6);
      expect(await textOf(storage, "a/b.txt")).toBe("héllo");
      expect(await storage.read("a/b.txt", { start: 3, end: 5 })).toEqual(bytesOf("ll"));
      expect(await storage.read("a/b.txt", { start: 4, end: 99 })).toEqual(bytesOf("lo"));
      expect(await storage.read("a/b.txt", { start: 50, end: 99 })).toEqual(new Uint8Array(0));
      expect(await storage.stat("a/b.txt")).toMatchObject({ path: "a/b.txt", sizeBytes: 6 });
      expect((await storage.stat("a/b.txt"))?.modifiedMs).toBeGreaterThan(Date.UTC(2020));
    }));

  test("holds empty objects", () =>
    use(async (storage) => {
      expect(await storage.write("empty", new Uint8Array(0))).toBe(0);
      expect(await storage.read("empty")).toEqual(new Uint8Array(0));
      expect(await pathsOf(storage)).toEqual(["empty"]);
    }));

  test("a reader sees the old object until the new one is whole", () =>
    use(async (storage) => {
      await storage.write("x", "old");
      const writer = await storage.create("x");
      await writer.write(bytesOf("ne"));
      expect(await textOf(storage, "x")).toBe("old");
      expect(await pathsOf(storage)).toEqual(["x"]);
      await writer.write(bytesOf("w"));
      expect(await textOf(storage, "x")).toBe("old");
      await writer.close();
      expect(await textOf(storage, "x")).toBe("new");
    }));

  test("a body that fails half way leaves the old object and nothing else", () =>
    use(async (storage) => {
      await storage.write("d/x", "old");
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield bytesOf("half");
        throw new Error("source failed");
      }
      await expect(storage.write("d/x", failing())).rejects.toThrow("source failed");
      await expect(storage.write("d/y", failing())).rejects.toThrow("source failed");
      expect(await textOf(storage, "d/x")).toBe("old");
      expect(await pathsOf(storage)).toEqual(["d/x"]);
    }));

  test("abort leaves nothing, may be repeated, and undoes no close", () =>
    use(async (storage) => {
      const dropped = await storage.create("gone");
      await dropped.write(bytesOf("bytes"));
      await dropped.abort();
      await dropped.abort();
      expect(await storage.stat("gone")).toBeUndefined();
      const kept = await storage.create("kept");
      await kept.close();
      await kept.abort();
      expect(await pathsOf(storage)).toEqual(["kept"]);
    }));

  test("the writer keeps no hold on the caller's bytes", () =>
    use(async (storage) => {
      const bytes = bytesOf("abc");
      const writer = await storage.create("x");
      await writer.write(bytes);
      bytes.fill(0);
      await writer.close();
      (await storage.read("x")).fill(0);
      expect(await textOf(storage, "x")).toBe("abc");
    }));

  test("concurrent writers of one name: one of them wins, whole", () =>
    use(async (storage) => {
      const bodies = Array.from({ length: 8 }, (_, index) => String(index).repeat(50_000));
      await Promise.all(bodies.map((body) => storage.write("x", body)));
      expect(bodies).toContain(await textOf(storage, "x"));
      expect(await pathsOf(storage)).toEqual(["x"]);
    }));

  test("lists in code unit order of the whole path, below a folder at any depth", () =>
    use(async (storage) => {
      const paths = ["b", "a/b", "a.txt", "a/a/z", "a-", "ab/c", "Z", "a0", "ä", "\u{1F600}", "\uFF5E"];
      for (const path of paths) await storage.write(path, "");
      const sorted = [...paths].sort((left, right) => (left < right ? -1 : 1));
      expect(await pathsOf(storage)).toEqual(sorted);
      expect(await pathsOf(storage, "a")).toEqual(["a/a/z", "a/b"]);
      expect(await pathsOf(storage, "a/")).toEqual(["a/a/z", "a/b"]);
      expect(await pathsOf(storage, "absent")).toEqual([]);
    }));

  test("deletes, and finds nothing to complain of in an absent object", () =>
    use(async (storage) => {
      await storage.write("x", "1");
      await storage.delete("x");
      await storage.delete("x");
      await storage.delete("no/such");
      expect(await storage.stat("x")).toBeUndefined();
    }));

  test("an absent object is a DataError that names it", () =>
    use(async (storage) => {
      await expect(storage.read("no/such")).rejects.toThrow(DataError);
      await expect(storage.read("no/such")).rejects.toThrow("no/such");
    }));

  test.each(["../x", "a/../../x", "/etc/passwd", "a//b", ".", "", "a/./b", "a\0b", "a/"])(
    "refuses the path %j",
    (path) =>
      use(async (storage) => {
        await expect(storage.read(path)).rejects.toThrow(DataError);
        await expect(storage.stat(path)).rejects.toThrow(DataError);
        await expect(storage.write(path, "x")).rejects.toThrow(DataError);
        await expect(async () => storage.create(path)).rejects.toThrow(DataError);
        await expect(storage.delete(path)).rejects.toThrow(DataError);
        expect(await pathsOf(storage)).toEqual([]);
      }),
  );
});
