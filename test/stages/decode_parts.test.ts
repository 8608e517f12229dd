// Long videos in parts: what is written does not depend on them, and a failure of one ends all.
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { pictureFormat } from "../../src/media/picture_format.ts";
import { LocalExecutor } from "../../src/pipeline/local_executor.ts";
import { parted } from "../../src/stages/decode_video.ts";
import { SplitStage } from "../../src/stages/split.ts";
import { WorkSlots } from "../../src/stages/work_slots.ts";
import { bytesOf, pathsOf, textOf } from "../io/storages.ts";
import { world } from "./fakes.ts";

const strides = (length: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    span: { startSeconds: i * length, endSeconds: (i + 1) * length },
  }));

describe("parts", () => {
  test("are about equally long, at most as long as asked, and hold every clip once, in order", () => {
    for (const [length, count, partSeconds] of [
      [10, 100, 300],
      [10, 31, 300],
      [0.1, 70, 3],
      [7, 1, 300],
      [400, 3, 300],
    ] as const) {
      const clips = strides(length, count);
      const parts = parted(clips, partSeconds);
      expect(parts.flat()).toEqual(clips);
      const seconds = parts.map((part) => part.at(-1)!.span.endSeconds - part[0]!.span.startSeconds);
      expect(Math.max(...seconds)).toBeLessThan(Math.max(partSeconds, length) + length);
      expect(Math.max(...seconds) - Math.min(...seconds)).toBeLessThan(2 * length);
    }
    expect(parted(strides(10, 30), 300)).toHaveLength(1);
    expect(parted(strides(10, 31), 300)).toHaveLength(2);
    expect(parted([], 300)).toEqual([]);
  });

  test("take slots in the order of asking, never more than there are", async () => {
    const slots = new WorkSlots(2);
    let [running, most] = [0, 0];
    const begun: number[] = [];
    const work = (index: number) => async () => {
      begun.push(index);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, index % 3));
      running--;
      if (index === 3) throw new Error("three");
    };
    const settled = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map((index) => slots.run(work(index))));
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([most, running]).toEqual([2, 0]);
    expect(settled.filter(({ status }) => status === "rejected")).toHaveLength(1);
  });

  const everyFiveSeconds = Array.from({ length: 8 }, (_, i) => 50 * i);

  /** Eight clips of 5 seconds, from a video in a file with an index, or in memory. */
  async function split(
    partSeconds: number,
    { inMemory = false, failingCall = -1, encoder = "auto", entries = everyFiveSeconds } = {},
  ) {
    const made = world();
    const text = "400 10";
    await made.storage("videos").write("long.mp4", text);
    if (!inMemory) made.storage("videos").localPath = (path) => `/videos/${path}`;
    const calls: number[][] = [];
    let stopped = 0;
    const { engine } = made;
    const probe: MediaEngine["probe"] = async () => ({
      ...(await engine.probe({ kind: "bytes", bytes: bytesOf(text), name: "long.mp4" })),
      videoCodec: "h264",
      keyFrames: { all: entries, entries, primingPackets: 0, trailingPackets: 0 },
      stream: {
        ...{ videoStream: 0, audioStream: null, audioSampleRate: null, timeBase: [1, 10] },
        ...{ startSeconds: 0, timesFromRate: false, clockRestarts: false, seekable: true },
        picture: pictureFormat({}, { width: 2, height: 2, rotationDegrees: 0 }),
      },
    });
    const work: MediaEngine["split"] = async (request, sinks) => {
      const call = calls.push(request.spans.map(({ startSeconds }) => startSeconds)) - 1;
      if (call === failingCall) throw new InputError("decode-failed", `part ${call} failed`);
      request.signal?.addEventListener("abort", () => stopped++);
      const report = await engine.split(request, sinks);
      return { ...report, decodeErrors: 1, complaint: `part ${call}`, notes: ["a note"] };
    };
    const context = { ...made.context, mediaEngine: async () => ({ ...engine, probe, split: work }) };
    const stage = new SplitStage({
      ...{ videoDir: "videos", outputPath: "out", splitDurationSeconds: 5, partSeconds },
      ...{ concurrency: 2, transcodeEncoder: encoder },
    });
    const [result] = await new LocalExecutor().run([stage], context);
    const output = made.storage("out");
    const paths = (await pathsOf(output)).filter((path) => !path.startsWith(".clipsieve/"));
    const texts = await Promise.all(paths.map((path) => textOf(output, path)));
    return {
      calls,
      stopped,
      files: new Map(paths.map((path, i) => [path, texts[i]])),
      unit: result!.units[0]!,
    };
  }

  test("give the same files as the whole, and one report", async () => {
    const whole = await split(100);
    const inParts = await split(15);
    expect(whole.calls).toEqual([[0, 5, 10, 15, 20, 25, 30, 35]]);
    expect(inParts.calls).toEqual([
      [0, 5, 10],
      [15, 20],
      [25, 30, 35],
    ]);
    const record = "processed_videos/long.mp4.json";
    const others = ({ files }: typeof whole) => [...files].filter(([path]) => path !== record);
    expect(others(inParts)).toEqual(others(whole));
    expect(inParts.unit.summary).toMatchObject({ clips: 8, decodeErrors: 3 });
    expect(JSON.parse(inParts.files.get(record)!)).toMatchObject({
      num_total_clips: 8,
      notes: ["a note", "the decoder complained 3 times, first: part 0"],
    });
  });

  test("are joined where key frames are so rare that a third of a part would be decoded for nothing", async () => {
    expect((await split(10, { entries: [0, 250] })).calls).toEqual([[0, 5, 10, 15, 20, 25, 30, 35]]);
    expect((await split(10, { entries: [0, 280] })).calls).toEqual([
      [0, 5, 10, 15, 20, 25],
      [30, 35],
    ]);
  });

  test("end together when one fails, and nothing of the video stays", async () => {
    const { unit, files, calls, stopped } = await split(15, { failingCall: 1 });
    expect(unit).toMatchObject({ status: "failed", reason: "decode-failed", message: "part 1 failed" });
    expect(files.size).toBe(0);
    expect(calls.length).toBe(2);
    expect(stopped).toBe(1);
  });

  test("there are none of a video in memory, of which each would hold a copy, nor where nothing is decoded", async () => {
    expect((await split(10, { inMemory: true })).calls).toHaveLength(1);
    expect((await split(10, { encoder: "copy" })).calls).toHaveLength(1);
  });
});
