// Folders as one meets them: names that look like arguments, things that are no files, damage, bombs, an ffmpeg that is
// missing. Every input is named in run.json with its reason, and no original is altered.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveOptions } from "../../src/cli/config.ts";
import { sha256Hex } from "../../src/io/digest.ts";
import { nodeRuntime } from "../../src/node_runtime.ts";
import { runCommand } from "../../src/pipeline/commands.ts";
import type { ClipMetadata } from "../../src/video/metadata.ts";
import { decode, ffmpeg, ffprobe, picture } from "../media/generated_videos.ts";
import { clipsieve, filesOf, makeVideo, recordOf, temporaryFolder } from "./command_line.ts";

const folder = temporaryFolder();
const at = (...names: string[]): string => join(folder.path, ...names);
const short = ["--fixed-stride-split-duration", "2", "--no-generate-embeddings"];
const split = (videos: string, output: string, ...args: string[]): ReturnType<typeof clipsieve> =>
  clipsieve(["split", "--video-dir", at(videos), "--output-path", at(output), ...short, ...args]);

/** The same in this process, which is quicker: the log. */
async function splitHere(
  videos: string,
  output: string,
  given: Record<string, unknown> = {},
): Promise<string> {
  const options = resolveOptions(
    "split",
    { fixedStrideSplitDuration: 2, generateEmbeddings: false, ...given },
    { videoDir: at(videos), outputPath: at(output) },
  );
  const lines: string[] = [];
  const runtime = nodeRuntime(options);
  try {
    const log = (_: string, message: string): number => lines.push(message);
    const { signal } = new AbortController();
    await runCommand("split", options, runtime, { log, signal, progress: () => undefined });
  } finally {
    await runtime.close();
  }
  return lines.join("\n");
}
/** What became of each input: its reason, or the number of its clips. */
const endsOf = (output: string): Record<string, string | number> =>
  Object.fromEntries(recordOf(at(output)).inputs.map(({ path, reason, clips }) => [path, reason ?? clips]));

const servers: Server[] = [];
beforeAll(() => {
  makeVideo(at("good.mp4"), { seconds: 4 });
});
afterAll(() => {
  for (const server of servers) server.close();
  folder.remove();
});

describe("names", () => {
  const names = [
    ...[
      "-i.mp4",
      "--help.mp4",
      "concat:a|b.mp4",
      "http:__x.mp4",
      "file:x.mp4",
      "pipe:0.mp4",
      "subfile,,:.mp4",
    ],
    ...["$(touch pwned).mp4", "`touch pwned`.mp4", "a;touch pwned;.mp4", "quo'te\".mp4", "back\\slash.mp4"],
    ...[
      "new\nline.mp4",
      "tab\t.mp4",
      "\u202Egpj.mp4",
      "اسم.mp4",
      "🎬.mp4",
      "a%03d.mp4",
      "%s%n.mp4",
      "[1],(2)=3.mp4",
    ],
    ...[
      "trailing .mp4",
      " leading.mp4",
      "CON.mp4",
      "v1.2.3.MP4",
      "caf\u00e9.mp4",
      "cafe\u0301.mp4",
      "ein\uFFFDes.mp4",
    ],
    `${"x".repeat(251)}.mp4`,
    `${"é".repeat(125)}.mp4`,
  ];

  test("of every kind are worked, run nothing, and get ids of their own", async () => {
    mkdirSync(at("names"));
    for (const name of names) copyFileSync(at("good.mp4"), at("names", name));
    for (const byte of [0xe9, 0xff])
      writeFileSync(Buffer.concat([Buffer.from(at("names/caf")), Buffer.of(byte), Buffer.from(".mp4")]), "x");
    const digests = (): string[] => names.map((name) => sha256Hex(readFileSync(at("names", name))));
    const before = digests();
    const { code, stderr } = await split("names", "names_out", "--no-upload-clips");
    expect(code).toBe(3);
    expect(endsOf("names_out")).toEqual({
      ...Object.fromEntries(names.map((name) => [name, 2])),
      "caf\uFFFDe9.mp4": "name-not-utf8",
      "caf\uFFFDff.mp4": "name-not-utf8",
    });
    const records = readdirSync(at("names_out/metas/v0")).map(
      (name) => JSON.parse(readFileSync(at("names_out/metas/v0", name), "utf8")) as { source_video: string },
    );
    expect(records).toHaveLength(2 * names.length);
    expect([...new Set(records.map(({ source_video }) => source_video))].sort()).toEqual([...names].sort());
    expect(existsSync("pwned") || existsSync(at("names/pwned")) || existsSync(at("pwned"))).toBe(false);
    expect(digests()).toEqual(before);
    expect(readdirSync(at("names"))).toHaveLength(names.length + 2);
    // Control characters of a name reach no terminal.
    expect(stderr).not.toMatch(/[^\n\P{Cc}]/u);
  });
});

describe("what is no video", () => {
  test("is passed over, each with its own reason, and blocks nothing", async () => {
    mkdirSync(at("odd/folder.mp4"), { recursive: true });
    copyFileSync(at("good.mp4"), at("odd/folder.mp4/inside.mp4"));
    execFileSync("mkfifo", [at("odd/pipe.mp4")]);
    servers.push(createServer().listen(at("odd/socket.mp4")));
    symlinkSync("/dev/zero", at("odd/device.mp4"));
    symlinkSync("nowhere", at("odd/dangling.mp4"));
    symlinkSync("loop.mp4", at("odd/loop.mp4"));
    symlinkSync("../good.mp4", at("odd/link.mp4"));
    writeFileSync(at("odd/empty.mp4"), "");
    writeFileSync(at("odd/playlist.mp4"), "#EXTM3U\n#EXTINF:1,\n../good.mp4\n");
    writeFileSync(at("odd/text.mp4"), "Dear diary,\n");
    const ffmpeg = (...args: string[]): Buffer =>
      execFileSync("ffmpeg", ["-v", "error", "-nostdin", ...args]);
    const tone = ["-f", "lavfi", "-i", "sine=duration=1"];
    ffmpeg(...tone, at("odd/sound.mp4"));
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1", "-frames:v", "1", "-f", "image2", at("odd/picture.mp4"));
    ffmpeg(
      "-i",
      at("good.mp4"),
      "-c:v",
      "libx264",
      "-encryption_scheme",
      "cenc-aes-ctr",
      "-encryption_key",
      "0".repeat(32),
      "-encryption_kid",
      "1".repeat(32),
      at("odd/encrypted.mp4"),
    );
    const cover = ["-map", "0", "-map", "1", "-c:v", "png", "-disposition:v", "attached_pic"];
    ffmpeg(...tone, "-f", "image2", "-i", at("odd/picture.mp4"), ...cover, "-f", "ipod", at("odd/cover.mp4"));
    makeVideo(at("odd/short.mp4"), { seconds: 1 });
    const { code } = await split("odd", "odd_out", "--no-upload-clips");
    expect(endsOf("odd_out")).toEqual({
      "cover.mp4": "no-video-stream",
      "dangling.mp4": "broken-link",
      "device.mp4": "not-a-file",
      "empty.mp4": "empty-file",
      "encrypted.mp4": "encrypted",
      "folder.mp4/inside.mp4": 2,
      "link.mp4": 2,
      "loop.mp4": "broken-link",
      "picture.mp4": "picture",
      "pipe.mp4": "not-a-file",
      "playlist.mp4": "playlist",
      "short.mp4": "too-short",
      "socket.mp4": "not-a-file",
      "sound.mp4": "no-video-stream",
      "text.mp4": "not-a-video",
    });
    const { inputs, status } = recordOf(at("odd_out"));
    expect([code, status]).toEqual([0, "ok"]);
    for (const { path, status, message } of inputs) {
      if (status === "ok") continue;
      expect([path, status]).toEqual([path, "skipped"]);
      expect(message).toMatch(/^Cannot /);
      expect(message).toContain(path === "short.mp4" ? "short.mp4 lasts 1.0" : path);
    }
    expect(inputs.find(({ path }) => path === "pipe.mp4")?.message).toMatch(/it is a pipe/);
    expect(inputs.find(({ path }) => path === "cover.mp4")?.message).toMatch(
      /only a cover picture|only sound/,
    );
  });

  test("a folder that cannot be looked into is named, and keeps no other from its work", async () => {
    const shut = at("shut/closed");
    mkdirSync(shut, { recursive: true });
    copyFileSync(at("good.mp4"), at("shut/a.mp4"));
    copyFileSync(at("good.mp4"), join(shut, "b.mp4"));
    chmodSync(shut, 0);
    await splitHere("shut", "shut_out", { uploadClips: false });
    chmodSync(shut, 0o755);
    // The superuser looks into every folder; the storage's own test has one that even he cannot.
    if (process.getuid?.() === 0) expect(endsOf("shut_out")).toEqual({ "a.mp4": 2, "closed/b.mp4": 2 });
    else expect(endsOf("shut_out")).toEqual({ "a.mp4": 2, closed: "unreadable" });
  });
});

describe("limits", () => {
  test("each names itself, the value met and what to do", async () => {
    mkdirSync(at("bombs"));
    copyFileSync(at("good.mp4"), at("bombs/good.mp4"));
    const limits = [
      ["maxPixels", 10_000, "limit-pixels", /--max-pixels 10000: .* has 160x120\. Raise/],
      ["maxFramesPerVideo", 10, "limit-frames", /--max-frames-per-video 10: .* has 11 or more\. Raise/],
      ["maxClipsPerVideo", 1, "limit-clips", /give 2 clips, more than --max-clips-per-video 1: .*Raise/],
      ["ffmpegTimeoutS", 0.001, "timeout", /took longer than 0\.001 s: .*raise --ffmpeg-timeout-s/],
    ] as const;
    for (const [option, value, reason, message] of limits) {
      await splitHere("bombs", "bombs_out", { [option]: value });
      expect([option, endsOf("bombs_out")]).toEqual([option, { "good.mp4": reason }]);
      expect(recordOf(at("bombs_out")).inputs[0]!.message).toMatch(message);
    }
    await splitHere("bombs", "bombs_out");
    expect(endsOf("bombs_out")).toEqual({ "good.mp4": 2 });
  });
});

describe("damage that a decoder passes over", () => {
  test("is counted, and fails a video under --strict alone", async () => {
    mkdirSync(at("damaged"));
    const bytes = readFileSync(at("good.mp4"));
    bytes.fill(0xff, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.4) + 200);
    writeFileSync(at("damaged/damaged.mp4"), bytes);
    copyFileSync(at("good.mp4"), at("damaged/good.mp4"));
    const log = await splitHere("damaged", "damaged_out");
    expect(endsOf("damaged_out")).toEqual({ "damaged.mp4": 2, "good.mp4": 2 });
    const [damaged, good] = recordOf(at("damaged_out")).inputs;
    expect(damaged?.decodeErrors).toBeGreaterThan(0);
    expect(good?.decodeErrors).toBe(0);
    expect(recordOf(at("damaged_out")).counts.decodeErrors).toBe(damaged?.decodeErrors);
    expect(log).toMatch(/damaged\.mp4: the decoder complained/);
    await splitHere("damaged", "damaged_out", { strict: true });
    expect(endsOf("damaged_out")).toEqual({ "damaged.mp4": "decode-errors", "good.mp4": 2 });
    expect(readdirSync(at("damaged_out/clips"))).toHaveLength(2);
    const [refused] = recordOf(at("damaged_out")).inputs;
    expect(refused?.decodeErrors).toBe(damaged?.decodeErrors);
    expect(recordOf(at("damaged_out")).counts).toMatchObject({
      clips: 2,
      decodeErrors: refused?.decodeErrors,
    });
    expect(refused?.message).not.toContain(".:");
  });

  test("is found where a download broke off behind the last clip that there is", async () => {
    mkdirSync(at("broken_off"));
    await ffmpeg(...picture("64x64", "15", 12), "-g", "15", "-movflags", "+faststart", at("whole.mp4"));
    await ffmpeg("-i", at("whole.mp4"), "-c", "copy", at("whole.mkv"));
    for (const name of ["mp4", "mkv"]) {
      const bytes = readFileSync(at(`whole.${name}`));
      writeFileSync(at(`broken_off/half.${name}`), bytes.subarray(0, bytes.length / 2));
    }
    const stride = { fixedStrideSplitDuration: 4, fixedStrideMinClipLengthS: 4 };
    await splitHere("broken_off", "broken_off_out", stride);
    expect(endsOf("broken_off_out")).toEqual({ "half.mkv": 1, "half.mp4": 1 });
    for (const { decodeErrors } of recordOf(at("broken_off_out")).inputs)
      expect(decodeErrors).toBeGreaterThan(0);
    await splitHere("broken_off", "broken_off_out", { ...stride, strict: true });
    expect(endsOf("broken_off_out")).toEqual({ "half.mkv": "decode-errors", "half.mp4": "decode-errors" });
  });

  test("names the clips that it took, and counts the frames missing from others", async () => {
    mkdirSync(at("holed"));
    const path = at("holed/holed.mp4");
    const picture = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=8", "-c:v", "libx264", "-g", "5"];
    execFileSync("ffmpeg", ["-v", "error", ...picture, "-preset", "ultrafast", path]);
    const show = ["-select_streams", "v:0", "-show_entries", "packet=pos,size", "-of", "csv=p=0", path];
    const packets = execFileSync("ffprobe", ["-v", "error", ...show], { encoding: "utf8" });
    const bytes = readFileSync(path);
    for (const [frame, line] of packets.trim().split("\n").entries()) {
      const [size = 0, position = 0] = line.split(",").map(Number);
      if (frame >= 20 && frame < 50) bytes.fill(0, position, position + size);
    }
    writeFileSync(path, bytes);
    const log = await splitHere("holed", "holed_out");
    expect(log).toMatch(
      /holed\.mp4: 1 of 4 clips left out, as none of their frames decodes: 2\.000 to 4\.000 s\n/,
    );
    expect(log).toMatch(/holed\.mp4: frames lost in 1 of 3 clips that were kept: 10\n/);
    const { counts, inputs } = recordOf(at("holed_out"));
    expect(counts).toMatchObject({ clips: 3, clipsLost: 1 });
    expect(inputs).toMatchObject([{ path: "holed.mp4", clips: 3, clipsLost: 1 }]);
    const notes = readdirSync(at("holed_out/metas/v0")).map(
      (name) => (JSON.parse(readFileSync(at("holed_out/metas/v0", name), "utf8")) as ClipMetadata).notes,
    );
    expect(notes.filter((note) => note !== undefined)).toEqual([["10 of 20 frames lost"]]);
  });

  test("leaves no copied clip of which no key frame decodes", async () => {
    mkdirSync(at("copied"));
    const video = at("copied/v.mp4");
    await ffmpeg(...picture("64x48", "10", 6), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", video);
    const entries = ["-select_streams", "v", "-show_entries", "packet=pos,size", "-of", "csv=p=0"];
    const packets = (await ffprobe(...entries, video)).split("\n");
    const bytes = readFileSync(video);
    for (const packet of packets.slice(20, 40)) {
      const [size, position] = packet.split(",").map(Number);
      bytes.fill(0, position!, position! + size!);
    }
    writeFileSync(video, bytes);
    await splitHere("copied", "copied_out", { transcodeEncoder: "copy" });
    expect(endsOf("copied_out")).toEqual({ "v.mp4": 2 });
    expect(recordOf(at("copied_out")).inputs[0]?.decodeErrors).toBeGreaterThan(0);
    for (const clip of readdirSync(at("copied_out/clips")))
      expect(await decode(at(`copied_out/clips/${clip}`))).toMatchObject({ frameCount: 20 });
  });
});

describe("an ffmpeg that will not do", () => {
  const stand = (name: string, body: string): string => {
    writeFileSync(at(name), `#!/bin/sh\n${body}\n`);
    chmodSync(at(name), 0o755);
    return at(name);
  };
  const withFfmpeg = (ffmpeg: string, ...args: string[]): ReturnType<typeof clipsieve> =>
    clipsieve(["split", "--video-dir", at("one"), "--output-path", at("one_out"), ...short, ...args], {
      env: { CLIPSIEVE_FFMPEG: ffmpeg },
    });

  beforeAll(() => {
    mkdirSync(at("one"));
    copyFileSync(at("good.mp4"), at("one/good.mp4"));
  });

  test.each([
    [
      "missing",
      () => at("nothing here"),
      /^Cannot start .*nothing here.*apt-get install ffmpeg.*ten times slower/,
    ],
    [
      "too old",
      () => stand("old", "echo 'ffmpeg version 4.3.6-0+deb11u1 Copyright'"),
      /^Cannot use .*older than 5\.1: 4\.3\.6.*apt-get install/,
    ],
  ])("%s: the first message says so, and how to get one", async (_, ffmpeg, message) => {
    const { code, stderr } = await withFfmpeg(ffmpeg());
    expect(stderr).toMatch(message);
    // @ffmpeg/core stands in.
    expect(code).toBe(0);
    execFileSync("rm", ["-r", at("one_out")]);
  });

  test("without any encoder: the first message says so, before a video is cut", async () => {
    const calls = at("calls");
    const body = `echo "$*" >> '${calls}'\ncase "$*" in *-c:v*) echo 'Unknown encoder' >&2; exit 1;; esac\nexec ffmpeg "$@"`;
    const { code, stderr } = await withFfmpeg(stand("no-encoder", body));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /Cannot encode clips as no encoder asked for works .*libx264 \(Unknown encoder\).*apt-get install ffmpeg/,
    );
    expect(readFileSync(calls, "utf8")).not.toContain("good.mp4");
    expect([...filesOf(at("one_out")).keys()].filter((name) => !name.startsWith(".clipsieve/"))).toEqual([]);
  });

  test("whose encoder breaks pictures: nothing shows but under --strict, which decodes clips back", async () => {
    const noisy = `exec bash -c 'exec ffmpeg "\${@:1:$#-1}" -bsf:v noise=amount=200 "\${!#}"' _ "$@"`;
    const wrapper = stand("breaks", `case "$*" in *-segment_list*) ${noisy};; esac\nexec ffmpeg "$@"`);
    expect((await withFfmpeg(wrapper)).code).toBe(0);
    expect(endsOf("one_out")).toEqual({ "good.mp4": 2 });
    const { code, stderr } = await withFfmpeg(wrapper, "--strict");
    expect([code, endsOf("one_out")]).toEqual([1, { "good.mp4": "decode-errors" }]);
    expect(stderr).toMatch(/Cannot keep a clip under --strict as it/);
    execFileSync("rm", ["-r", at("one_out")]);
  });
});
