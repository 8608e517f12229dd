// What is said of a --video-dir that gives no video: what it is, and what to do.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { MemoryStorage } from "../../src/io/memory_storage.ts";
import { openStorage } from "../../src/io/open_storage.ts";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { openVideoFolder } from "../../src/stages/video_folder.ts";
import { videoExtensions } from "../../src/video/video_extensions.ts";

let folder: TempFolder;
beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  mkdirSync(folder.file("empty"));
  execFileSync("mkfifo", [folder.file("fifo.mp4")]);
  symlinkSync("nowhere", folder.file("dangling.mp4"));
  writeFileSync(folder.file("raw.h264"), "x");
});
afterAll(() => folder.remove());

const endings = videoExtensions.join(" ");
const give = "Give a folder of videos, or a video file";

test.each([
  ["empty", "the folder holds none", `Looked for ${endings}`],
  ["nope.mp4", "there is no such file or folder", give],
  ["fifo.mp4", "it is a pipe, not a file or folder", give],
  ["dangling.mp4", "the symbolic link leads nowhere", `Mend the link. ${give}`],
  ["raw.h264", "the file's name does not end like a video's", `Rename it where it is one: ${endings}`],
])("%s: %s", async (name, why, remedy) => {
  const location = folder.file(name);
  const opened = openVideoFolder({ openStorage }, location, folder.file("out"));
  await expect(opened).rejects.toThrow(
    new UsageError(`Cannot find a video as ${why}: ${location}. ${remedy}`),
  );
});

test("a storage of no file system", async () => {
  const opened = openVideoFolder({ openStorage: (location) => new MemoryStorage(location) }, "in", "out");
  await expect(opened).rejects.toThrow(
    `Cannot find a video as the folder holds none: in. Looked for ${endings}`,
  );
});
