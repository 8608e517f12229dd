// A disk that gives errors in the middle of a video: ffmpeg and ffprobe end there as if the video did, with a message at
// most. Such a video fails, so that it is worked again once the disk is mended.
import { chmod, readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { requireReadable } from "../../src/media/native/native_source.ts";
import { fast, ffmpeg, picture, splitAll } from "./generated_videos.ts";

let folder: TempFolder;
let path: string;
const spans = [{ startSeconds: 0, endSeconds: 1 }];

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  path = folder.file("video.mkv");
  await ffmpeg(...picture("64x64", "20", 2), ...fast, "-g", "5", path);
});
afterAll(() => folder.remove());

/** A stand-in that does what `program` does, and then `body` where it works on a video. */
async function standIn(name: string, program: string, where: string, body: string): Promise<string> {
  const script = `#!/bin/sh\ncase "$*" in *${where}*) ;; *) exec ${program} "$@" ;; esac\n${body}\n`;
  await folder.write(name, script);
  await chmod(folder.file(name), 0o755);
  return folder.file(name);
}

const ends = [
  ["says so", "echo '[matroska,webm @ 0x55f60ad0d5c0] [error] Read error' >&2", /disk gave an error/],
  ["ends with a code", "echo '[error] something broke' >&2; exit 1", /ffprobe failed .*\(something broke\)/],
] as const;

test.each(ends)("an ffprobe that %s among the packets is not believed", async (name, end, message) => {
  const body = `ffprobe "$@" | head -n 20\n${end}`;
  const engine = await createNativeEngine({ ffprobe: await standIn(name, "ffprobe", "packet=", body) });
  const probe = engine.probe({ kind: "file", path });
  await expect(probe).rejects.toMatchObject({ reason: "unreadable", skipped: false });
  await expect(probe).rejects.toThrow(message);
});

test.each([
  ["5.1", `[error] file:VIDEO: Input/output error`],
  ["7.0", "[in#0/mov,mp4 @ 0x5654c99938c0] [error] Error during demuxing: Input/output error"],
])("nor is a decode that ends well, in the words of ffmpeg %s", async (name, message) => {
  const body = `ffmpeg "$@" || exit\necho '${message.replace("VIDEO", path)}' >&2`;
  const engine = await createNativeEngine({ ffmpeg: await standIn(name, "ffmpeg", "-i", body) });
  const source = { kind: "file", path } as const;
  const info = await engine.probe(source);
  const failure = { reason: "unreadable", message: expect.stringMatching(/disk gave an error.*video\.mkv/) };
  await expect(splitAll(engine, source, info, spans)).rejects.toMatchObject(failure);
  const scan = engine.scan({ source, info, width: 8, height: 8 }, async () => undefined);
  await expect(scan).rejects.toMatchObject(failure);
});

test("where ffprobe ends in silence, the file itself tells a disk that failed from a cut", async () => {
  const source = { kind: "file", path: folder.file("silent.mp4") } as const;
  await ffmpeg("-i", path, "-c", "copy", source.path);
  const silent = 'ffprobe "$@" | head -n 15';
  const cut = await createNativeEngine({ ffprobe: await standIn("cut", "ffprobe", "packet=", silent) });
  expect((await cut.probe(source)).frameCount).toBe(15);
  const gone = `${silent}\nrm '${source.path}'`;
  const engine = await createNativeEngine({ ffprobe: await standIn("gone", "ffprobe", "packet=", gone) });
  const probe = engine.probe(source);
  await expect(probe).rejects.toMatchObject({ reason: "unreadable", skipped: false });
  await expect(probe).rejects.toThrow(/bytes could not be read: .*silent\.mp4/);
  // The memory of a process answers with the error of a failing disk where nothing is mapped.
  await expect(requireReadable({ path: "/proc/self/mem", name: "v.mp4" })).rejects.toMatchObject({
    reason: "unreadable",
    message: expect.stringMatching(/: v\.mp4 \(EIO: /),
  });
});

test("a file that was cut off still gives its clips", async () => {
  const bytes = await readFile(path);
  const source = { kind: "file", path: folder.file("cut.mkv") } as const;
  await writeFile(source.path, bytes.subarray(0, bytes.byteLength * 0.7));
  const engine = await createNativeEngine();
  const { clips } = await splitAll(engine, source, await engine.probe(source), spans);
  expect(clips.map(({ info }) => info.frameCount)).toEqual([20]);
});
