import { expect, test } from "vitest";
import { DataError, UsageError } from "../../src/errors.ts";
import { BlobStorage } from "../../src/io/blob_storage.ts";

const storage = new BlobStorage([new File(["second"], "b.mp4"), new File(["first"], "a.mp4")]);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test("lists picked files by path, with their sizes", async () => {
  const listed: [string, number][] = [];
  for await (const { path, sizeBytes } of storage.list("")) listed.push([path, sizeBytes]);
  expect(listed).toEqual([
    ["a.mp4", 5],
    ["b.mp4", 6],
  ]);
  expect(await storage.stat("c.mp4")).toBeUndefined();
});

test("reads whole files and ranges, and gives the Blob itself", async () => {
  expect(text(await storage.read("a.mp4"))).toBe("first");
  expect(text(await storage.read("b.mp4", { start: 1, end: 4 }))).toBe("eco");
  expect(storage.blob("b.mp4").size).toBe(6);
  await expect(storage.read("c.mp4")).rejects.toThrow(DataError);
});

test("refuses to write and to delete", async () => {
  await expect(storage.write("a.mp4")).rejects.toThrow(UsageError);
  await expect(storage.create("a.mp4")).rejects.toThrow(UsageError);
  await expect(storage.delete("a.mp4")).rejects.toThrow(UsageError);
  expect(text(await storage.read("a.mp4"))).toBe("first");
});
