// What only the file storage can get wrong: temporary names, links, folders in the way, and what the system refuses.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import { FileStorage } from "../../src/io/file_storage.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import { bytesOf, pathsOf, textOf, withFolder } from "./storages.ts";

describe("file storage", () => {
  test("writes under a temporary name in the same folder, and leaves none behind", () =>
    withFolder(async (folder) => {
      const storage = new FileStorage(folder);
      const writer = await storage.create("d/x.bin");
      await writer.write(bytesOf("part"));
      const [temporary, ...others] = await readdir(join(folder, "d"));
      expect(others).toEqual([]);
      expect(temporary).toMatch(/^\..*\.tmp$/);
      await writer.close();
      expect(await readdir(join(folder, "d"))).toEqual(["x.bin"]);
      const dropped = await storage.create("d/y.bin");
      await dropped.abort();
      expect(await readdir(join(folder, "d"))).toEqual(["x.bin"]);
    }));

  test("never lists temporary files", () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, ".left-over.tmp"), "x");
      await writeFile(join(folder, "kept.tmp"), "x");
      expect(await pathsOf(new FileStorage(folder))).toEqual(["kept.tmp"]);
    }));

  test("follows links to folders and files, and goes round no loop", () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, "a/b"), { recursive: true });
      await writeFile(join(folder, "a/b/x"), "x");
      await symlink(join(folder, "a"), join(folder, "a/b/up"));
      await symlink(join(folder, "a/b"), join(folder, "link"));
      await symlink(join(folder, "a/b/x"), join(folder, "x-link"));
      expect(await pathsOf(new FileStorage(folder))).toEqual(["a/b/x", "link/x", "x-link"]);
    }));

  test("lists a broken link, so that whoever reads it reports it", () =>
    withFolder(async (folder) => {
      await symlink(join(folder, "nowhere"), join(folder, "broken.mp4"));
      const storage = new FileStorage(folder);
      expect(await pathsOf(storage)).toEqual(["broken.mp4"]);
      await expect(storage.read("broken.mp4")).rejects.toThrow(DataError);
    }));

  test("tells of what is no object, when asked; a name that is not UTF-8 keeps its bytes", () =>
    withFolder(async (folder) => {
      const server = createServer().listen(join(folder, "socket.mp4"));
      await once(server, "listening");
      execFileSync("mkfifo", [join(folder, "pipe.mp4")]);
      await symlink("/dev/null", join(folder, "device.mp4"));
      for (const byte of [0xe9, 0xff])
        await writeFile(
          Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(byte), Buffer.from(".mp4")]),
          "x",
        );
      await writeFile(join(folder, "caf\uFFFD.mp4"), "x");
      const unlisted: string[] = [];
      const paths: string[] = [];
      const storage = new FileStorage(folder);
      for await (const { path } of storage.list("", ({ path, kind }) => unlisted.push(`${kind} ${path}`)))
        paths.push(path);
      server.close();
      expect(paths).toEqual(["caf\uFFFD.mp4"]);
      expect(unlisted.sort()).toEqual([
        "device device.mp4",
        "name caf\uFFFDe9.mp4",
        "name caf\uFFFDff.mp4",
        "pipe pipe.mp4",
        "socket socket.mp4",
      ]);
      expect(await pathsOf(storage)).toEqual(paths);
    }));

  test("a folder that cannot be listed ends a listing, unless told of", () =>
    withFolder(async (folder) => {
      // Deeper than a path may be long: the superuser, too, cannot look in.
      const deep = Array.from({ length: 12 }, () => "d".repeat(200)).join("/");
      await mkdir(join(folder, deep), { recursive: true });
      await mkdir(join(folder, "b", deep), { recursive: true });
      await rename(join(folder, "b"), join(folder, deep, "b"));
      try {
        const storage = new FileStorage(folder);
        await storage.write("z.mp4", "x");
        await expect(pathsOf(storage)).rejects.toThrow(/Cannot list a file as the name is too long/);
        const unlisted: string[] = [];
        const paths: string[] = [];
        for await (const { path } of storage.list("", ({ kind, why }) => unlisted.push(`${kind}: ${why}`)))
          paths.push(path);
        expect(paths).toEqual(["z.mp4"]);
        expect(unlisted).toEqual([
          expect.stringMatching(/^folder: Cannot list a file as the name is too long/),
        ]);
      } finally {
        await rename(join(folder, deep, "b"), join(folder, "b"));
      }
    }));

  test("a folder in the way is a DataError, and no temporary file stays", () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, "x"));
      const storage = new FileStorage(folder);
      await expect(storage.write("x", "bytes")).rejects.toThrow(/Cannot write a file as .* folder/);
      await expect(storage.read("x")).rejects.toThrow(DataError);
      expect(await storage.stat("x")).toBeUndefined();
      expect(await readdir(folder)).toEqual(["x"]);
    }));

  test("a file where a folder is needed is a DataError", () =>
    withFolder(async (folder) => {
      const storage = new FileStorage(folder);
      await storage.write("x", "file");
      await expect(storage.write("x/y", "bytes")).rejects.toThrow(DataError);
      expect(await storage.stat("x/y")).toBeUndefined();
    }));

  test("names of the greatest length are written", () =>
    withFolder(async (folder) => {
      const storage = new FileStorage(folder);
      const name = "n".repeat(255);
      await storage.write(name, "x");
      expect(await pathsOf(storage)).toEqual([name]);
      await expect(storage.write(`${name}n`, "x")).rejects.toThrow(/too long/);
      expect(await readdir(folder)).toEqual([name]);
    }));

  test("gives the absolute path of an object", () =>
    withFolder(async (folder) => {
      expect(new FileStorage(folder).localPath("a/b")).toBe(join(folder, "a/b"));
    }));
});

describe("openStorage", () => {
  test("takes a path and a file: URL", () =>
    withFolder(async (folder) => {
      await openStorage(folder).write("x", "1");
      expect(await textOf(openStorage(pathToFileURL(folder).href), "x")).toBe("1");
    }));

  test.each(["s3://bucket/key", "http://host/x", "https://host/x", "gs://bucket"])(
    "refuses %s by name",
    (location) => {
      expect(() => openStorage(location)).toThrow(UsageError);
      expect(() => openStorage(location)).toThrow(/Supported are/);
    },
  );

  test("refuses an empty location", () => {
    expect(() => openStorage("")).toThrow(UsageError);
  });
});
