// An ffmpeg that stalls, floods, never ends or is killed, in the middle of a split. Each ends with its reason, in bounded
// memory, and what was delivered is whole.
import { existsSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine, VideoInfo } from "../../src/media/engine.ts";
import { FfmpegProcess, runForText } from "../../src/media/native/ffmpeg_process.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { fast, ffmpeg, picture, type SplitOutcome, splitAll, tone } from "./generated_videos.ts";

let folder: TempFolder;
let info: VideoInfo;
let whole: SplitOutcome;
let source: { readonly kind: "file"; readonly path: string };
const spans = [0, 2, 4, 6].map((startSeconds) => ({ startSeconds, endSeconds: startSeconds + 2 }));
const MEGABYTE = 1_000_000;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  source = { kind: "file", path: folder.file("video.mp4") };
  await ffmpeg(...picture("320x240", "25", 8), ...tone(8), ...fast, "-c:a", "aac", source.path);
  const engine = await createNativeEngine();
  info = await engine.probe(source);
  whole = await splitAll(engine, source, info, spans);
  expect(whole.clips).toHaveLength(4);
});
afterAll(() => folder.remove());

/** An engine whose ffmpeg is a shell script that does `body` where it is asked to decode a file. */
async function engineOf(
  name: string,
  body: string,
  limits: { readonly idleSeconds?: number; readonly wallSeconds?: number } = {},
): Promise<MediaEngine> {
  const script = `#!/bin/sh\ncase "$*" in *-version*) exec ffmpeg "$@" ;; esac\n${body}\n`;
  await folder.write(name, script);
  await chmod(folder.file(name), 0o755);
  return createNativeEngine({ ffmpeg: folder.file(name), ...limits });
}

test.each([
  ["sleeps", "sleep 60"],
  ["floods the frames' pipe", "exec cat /dev/zero"],
  ["leaves a child of another group that holds its pipes", "setsid sleep 60 & exit 0"],
])("one that %s is ended after the idle time", async (name, body) => {
  const engine = await engineOf(name, body, { idleSeconds: 0.5 });
  const split = splitAll(engine, source, info, spans);
  await expect(split).rejects.toMatchObject({ reason: "timeout", skipped: false });
  await expect(split).rejects.toThrow(
    /no sign of life for 0\.5 s: .*video\.mp4\. Where that is too short, raise --ffmpeg-idle-timeout-s/,
  );
});

test.each([
  ["writes a line without end", "exec cat /dev/zero >&4"],
  ["reports progress for ever", "while :; do echo progress=continue >&4; sleep 0.05; done"],
  ["complains for ever", "exec yes '[error] again' >&2"],
])("one that %s is ended after the wall time, in bounded memory", async (name, body) => {
  const engine = await engineOf(name, body, { wallSeconds: 1 });
  const before = process.memoryUsage().rss;
  const split = splitAll(engine, source, info, spans);
  await expect(split).rejects.toMatchObject({ reason: "timeout" });
  await expect(split).rejects.toThrow(/took longer than 1 s: .*raise --ffmpeg-timeout-s/);
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * MEGABYTE);
});

test("a gigabyte of messages costs no memory", async () => {
  await folder.write("flood", "#!/bin/sh\nhead -c 1000000000 /dev/zero >&2\n");
  await chmod(folder.file("flood"), 0o755);
  const before = process.memoryUsage().rss;
  const limits = { idleSeconds: 60, wallSeconds: 600 };
  const end = await runForText({ binary: folder.file("flood"), args: [], limits, subject: "v.mp4" });
  expect(end.code).toBe(0);
  expect(end.errorText.length).toBeLessThan(32_768);
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * MEGABYTE);
}, 300_000);

test("a description without end is refused", async () => {
  await folder.write("describer", "#!/bin/sh\nexec yes '{'\n");
  await chmod(folder.file("describer"), 0o755);
  const limits = { idleSeconds: 30, wallSeconds: 50 };
  const run = runForText({ binary: folder.file("describer"), args: [], limits, subject: "v.mp4" });
  await expect(run).rejects.toMatchObject({ reason: "limit-bytes" });
});

test("complaints are counted whatever way they fall into chunks", async () => {
  const pieces = ["[err", "or] one\\n[fa", "tal] two\\n[error", "] three\\n[error] four\\n"];
  const body = pieces.map((piece) => `printf '${piece}' >&2; sleep 0.05`).join("\n");
  await folder.write("stutter", `#!/bin/sh\n${body}\n`);
  await chmod(folder.file("stutter"), 0o755);
  const limits = { idleSeconds: 30, wallSeconds: 50 };
  const child = new FfmpegProcess({ binary: folder.file("stutter"), args: [], limits, subject: "v.mp4" });
  expect(await child.end()).toMatchObject({ errorCount: 4 });
});

/** Kills ffmpeg, as the system does when memory runs out, while it makes its second clip. */
const killed = `ffmpeg "$@" & pid=$!
until [ -e clip_000001.mp4 ]; do sleep 0.02; done
kill -9 $pid; kill -9 $$`;

test("one that is killed in the middle of a clip is started once more, and all is as if it had not been", async () => {
  const flag = folder.file("was killed");
  const engine = await engineOf(
    "killed once",
    `[ -e '${flag}' ] && exec ffmpeg "$@"\ntouch '${flag}'\n${killed}`,
  );
  const { report, clips, frames } = await splitAll(engine, source, info, spans);
  expect(report.emptySpans).toEqual([]);
  expect(clips.map(({ index, info }) => [index, info])).toEqual(
    whole.clips.map(({ index, info }) => [index, info]),
  );
  expect(frames).toEqual(whole.frames);
});

test.each(["asked to stop", "refused a frame"])(
  "one that is %s while clips wait hands on no more of them",
  async (why) => {
    const engine = await createNativeEngine();
    const seconds = Array.from({ length: 40 }, (_, i) => ({ startSeconds: i / 5, endSeconds: (i + 1) / 5 }));
    const stop = new AbortController();
    let [over, late] = [false, 0];
    const split = engine.split(
      {
        ...{ source, info, spans: seconds, encoder: "libx264", encoderThreads: 1, signal: stop.signal },
        sampleFrames: seconds.map((_, i) => (why === "refused a frame" ? [5 * i] : [])),
      },
      {
        onClip: async () => {
          if (over) late++;
          await setTimeout(50);
          if (why !== "asked to stop") return;
          over = true;
          stop.abort();
        },
        onFrame: async ({ clip }) => {
          if (clip < 20) return;
          over = true;
          throw new Error("refused");
        },
      },
    );
    await expect(split).rejects.toThrow(why === "asked to stop" ? "as the work was stopped" : "refused");
    expect(late).toBe(0);
  },
);

test("one that is killed each time fails that video, and delivers no part of a clip", async () => {
  const engine = await engineOf("killed always", killed);
  const delivered: number[] = [];
  const split = engine.split(
    { source, info, spans, encoder: "libx264", encoderThreads: 1, sampleFrames: spans.map(() => []) },
    {
      onClip: async (clip) => {
        delivered.push(clip.info.frameCount);
      },
      onFrame: async () => undefined,
    },
  );
  await expect(split).rejects.toMatchObject({ reason: "ffmpeg-crashed" });
  await expect(split).rejects.toThrow(/ended by SIGKILL: .*video\.mp4\. Where .* --concurrency/);
  expect(delivered.filter((frameCount) => frameCount !== 50)).toEqual([]);
});

test.each(["show_streams", "packet="])(
  "an ffprobe that is killed once, at %s, is asked again",
  async (where) => {
    const flag = folder.file(`${where} was killed`);
    const kill = `[ -e '${flag}' ] || { touch '${flag}'; ffprobe "$@" | head -n 5; kill -9 $$; }`;
    const script = `#!/bin/sh\ncase "$*" in *${where}*) ${kill} ;; esac\nexec ffprobe "$@"\n`;
    await folder.write(`${where} killed`, script);
    await chmod(folder.file(`${where} killed`), 0o755);
    const engine = await createNativeEngine({ ffprobe: folder.file(`${where} killed`) });
    expect(await engine.probe(source)).toEqual(info);
    expect(existsSync(flag)).toBe(true);
  },
);

test("an ffprobe that is killed each time fails that video", async () => {
  await folder.write(
    "killed probe",
    '#!/bin/sh\ncase "$*" in *-version*) exec ffprobe "$@" ;; esac\nkill -9 $$\n',
  );
  await chmod(folder.file("killed probe"), 0o755);
  const engine = await createNativeEngine({ ffprobe: folder.file("killed probe") });
  await expect(engine.probe(source)).rejects.toMatchObject({ reason: "ffmpeg-crashed" });
});

test("a disk that takes no more is told from a video that does not decode", async () => {
  const engine = await engineOf("full disk", "trap '' XFSZ; ulimit -f 16; exec ffmpeg \"$@\"");
  const split = splitAll(engine, source, info, spans);
  await expect(split).rejects.toMatchObject({ reason: "encode-failed" });
  await expect(split).rejects.toThrow(
    /temporary files takes no more: .*video\.mp4\. Free some space, .* TMPDIR/,
  );
});
