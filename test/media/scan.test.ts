// A scan gives every frame once, at its own time, upright and in its own colour, by either engine: also of videos whose
// rate varies or that are damaged; and it waits for the receiver, and ends when that fails or a stop is asked for.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InterruptedError } from "../../src/errors.ts";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { MediaEngine, ScannedFrame, ScanReport, ScanRequest } from "../../src/media/engine.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import { fast, ffmpeg, ffprobe, picture, turnClockwise } from "./generated_videos.ts";

const engines: Partial<Record<"native" | "wasm", MediaEngine>> = {};
const names = ["native", "wasm"] as const;
let folder: TempFolder;

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  [engines.native, engines.wasm] = await Promise.all([createNativeEngine(), createWasmEngine()]);
  await colors(folder.file("colors.mp4"));
});
afterAll(() => folder.remove());

interface Scan {
  readonly frames: readonly ScannedFrame[];
  readonly report: ScanReport;
  readonly frameTimes: readonly number[];
}

async function scan(name: "native" | "wasm", file: string, size: Partial<ScanRequest> = {}): Promise<Scan> {
  const engine = engines[name]!;
  const source = { kind: "file", path: folder.file(file) } as const;
  const info = await engine.probe(source);
  const frames: ScannedFrame[] = [];
  const report = await engine.scan({ source, info, width: 8, height: 6, ...size }, async (frame) => {
    frames.push(frame);
  });
  return { frames, report, frameTimes: [...info.frameTimes] };
}

/** The pixel in row y and column x. */
function pixel({ rgb }: ScannedFrame, x: number, y: number, width = 8): number[] {
  return [...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

function expectColor(found: readonly number[], wanted: readonly number[]): void {
  // 8-bit limited YUV and back is off by a few steps; the colours of these tests are 100 apart.
  for (const [channel, value] of wanted.entries()) expect(Math.abs(found[channel]! - value)).toBeLessThan(8);
}

const RED = [255, 0, 0];
const GREEN = [0, 128, 0];
const BLUE = [0, 0, 255];

/** A second each of red, green and blue, 10 frames per second. */
function colors(out: string, ...options: string[]): Promise<unknown> {
  const inputs = ["red", "green", "blue"].flatMap((color) => [
    ...["-f", "lavfi", "-i", `color=${color}:size=64x48:rate=10:duration=1`],
  ]);
  return ffmpeg(...inputs, "-filter_complex", "concat=n=3", ...options, ...fast, out);
}

describe.each(names)("%s", (name) => {
  test("gives each frame in order, with its time and colour", async () => {
    const { frames, report, frameTimes } = await scan(name, "colors.mp4");
    expect(report).toEqual({ decodeErrors: 0 });
    expect(frames.map(({ index }) => index)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(frames.map(({ timeSeconds }) => timeSeconds)).toEqual(frameTimes);
    expect(frameTimes[11]).toBeCloseTo(1.1, 9);
    for (const frame of frames) {
      expect(frame.rgb.byteLength).toBe(8 * 6 * 3);
      expectColor(pixel(frame, 3, 2), [RED, GREEN, BLUE][Math.floor(frame.index / 10)]!);
    }
  });

  test("turns frames upright", async () => {
    const halves = ["-f", "lavfi", "-i", "color=red:size=64x48:rate=10:duration=0.5"];
    const path = folder.file("turned.mp4");
    await ffmpeg(...halves, "-vf", "drawbox=x=32:w=32:h=48:color=blue:t=fill", ...fast, path);
    const bytes = await readFile(path);
    turnClockwise(bytes, 48);
    await writeFile(path, bytes);
    const { frames } = await scan(name, "turned.mp4", { width: 6, height: 8 });
    expect(frames.length).toBe(5);
    // Left becomes top.
    expectColor(pixel(frames[0]!, 3, 1, 6), RED);
    expectColor(pixel(frames[0]!, 3, 6, 6), BLUE);
  });

  test("keeps the times of a rate that varies", async () => {
    const irregular = ["-vf", "select='mod(n+1,3)',setpts='PTS+gt(T,2)*0.75/TB'", "-vsync", "vfr"];
    await ffmpeg(...picture("64x48", "30", 3), ...irregular, ...fast, folder.file("irregular.mp4"));
    const { frames, frameTimes } = await scan(name, "irregular.mp4");
    expect(frames.length).toBe(60);
    expect(frames.map(({ timeSeconds }) => timeSeconds)).toEqual(frameTimes);
    const gaps = new Set(frameTimes.slice(1).map((time, i) => (time - frameTimes[i]!).toFixed(3)));
    expect(gaps.size).toBeGreaterThan(2);
  });

  test("lays frames without times out by the rate", async () => {
    await colors(folder.file("untimed.h264"), "-f", "h264");
    const { frames, frameTimes } = await scan(name, "untimed.h264");
    expect(frames.map(({ timeSeconds }) => timeSeconds)).toEqual(frameTimes);
    expectColor(pixel(frames.at(-1)!, 3, 2), BLUE);
  });

  test("leaves out what damage took, and moves nothing", async () => {
    const path = folder.file("damaged.mp4");
    await colors(path, "-g", "10", "-bf", "0");
    const bytes = await readFile(path);
    const positions = await packets(path);
    for (const [position, size] of positions.slice(10, 20)) bytes.fill(0xff, position!, position! + size!);
    await writeFile(path, bytes);
    const { frames, report } = await scan(name, "damaged.mp4");
    expect(report.decodeErrors).toBeGreaterThan(0);
    const indices = frames.map(({ index }) => index);
    expect(indices).toEqual([...indices.keys()].map((i) => (i < 10 ? i : i + 10)));
    expectColor(pixel(frames[9]!, 3, 2), RED);
    expectColor(pixel(frames[10]!, 3, 2), BLUE);
    expect(frames[10]!.timeSeconds).toBeCloseTo(2, 9);
  });

  test("says so when no frame can be decoded", async () => {
    const path = folder.file("hopeless.mp4");
    await colors(path);
    const bytes = await readFile(path);
    for (const [position, size] of await packets(path)) bytes.fill(0xff, position!, position! + size!);
    await writeFile(path, bytes);
    await expect(scan(name, "hopeless.mp4")).rejects.toMatchObject({ reason: "decode-failed" });
  });

  test("ends with the receiver's failure", async () => {
    const source = { kind: "file", path: folder.file("colors.mp4") } as const;
    const info = await engines[name]!.probe(source);
    let received = 0;
    const failing = engines[name]!.scan({ source, info, width: 8, height: 6 }, async () => {
      if (++received === 3) throw new RangeError("no room");
    });
    await expect(failing).rejects.toThrow(new RangeError("no room"));
    expect(received).toBe(3);
  });
});

/** Offset and size of each packet of a video. */
async function packets(path: string): Promise<number[][]> {
  const text = await ffprobe(
    ...["-select_streams", "v:0", "-show_entries", "packet=pos,size", "-of", "csv=p=0", path],
  );
  return text.split("\n").map((line) => {
    const [size, position] = line.split(",").map(Number);
    return [position!, size!];
  });
}

test("both engines give the same pixels, by every scaler", async () => {
  await ffmpeg(...picture("96x64", "10", 1), ...fast, folder.file("picture.mp4"));
  for (const scaler of ["bilinear", "area", "bicubic", "nearest"] as const) {
    const size = { width: 31, height: 17, scaler };
    const [native, wasm] = [
      await scan("native", "picture.mp4", size),
      await scan("wasm", "picture.mp4", size),
    ];
    expect(wasm.frames.length).toBe(10);
    for (const [i, { rgb }] of wasm.frames.entries()) {
      const differences = rgb.map((value, at) => Math.abs(value - native.frames[i]!.rgb[at]!));
      expect(Math.max(...differences)).toBe(0);
    }
  }
});

test("waits for the receiver: no frame is handed over before the one before is done with", async () => {
  const source = { kind: "file", path: folder.file("colors.mp4") } as const;
  const info = await engines.native!.probe(source);
  let [under, most] = [0, 0];
  await engines.native!.scan({ source, info, width: 8, height: 6 }, async () => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setTimeout(resolve, 2));
    under--;
  });
  expect(most).toBe(1);
});

test("stops on request", async () => {
  await ffmpeg(...picture("320x240", "30", 20), ...fast, folder.file("long.mp4"));
  const source = { kind: "file", path: folder.file("long.mp4") } as const;
  const info = await engines.native!.probe(source);
  const controller = new AbortController();
  let received = 0;
  const request = { source, info, width: 8, height: 6, signal: controller.signal };
  const stopped = engines.native!.scan(request, async () => {
    if (++received === 3) controller.abort();
  });
  await expect(stopped).rejects.toBeInstanceOf(InterruptedError);
  expect(received).toBeLessThan(info.frameCount);
});

describe("an ffmpeg that is killed", () => {
  /** An engine whose ffmpeg gives some frames and then kills itself, so many times. */
  async function mortal(name: string, deaths: number): Promise<MediaEngine> {
    const script = [
      "#!/bin/sh",
      'case "$*" in *-version*) exec ffmpeg "$@" ;; esac',
      `echo >> "${folder.file(name)}.runs"`,
      `[ "$(wc -l < "${folder.file(name)}.runs")" -gt ${deaths} ] && exec ffmpeg "$@"`,
      'ffmpeg "$@" | head -c 1000',
      "kill -KILL $$",
    ];
    await writeFile(folder.file(name), `${script.join("\n")}\n`, { mode: 0o755 });
    return await createNativeEngine({ ffmpeg: folder.file(name) });
  }

  async function framesOf(engine: MediaEngine): Promise<number[]> {
    const source = { kind: "file", path: folder.file("colors.mp4") } as const;
    const info = await engine.probe(source);
    const indices: number[] = [];
    await engine.scan({ source, info, width: 8, height: 6 }, async ({ index }) => {
      indices.push(index);
    });
    return indices;
  }

  test("once: the scan begins again, and gives no frame twice", async () => {
    expect(await framesOf(await mortal("once.sh", 1))).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  test("twice: the video fails, and is told apart from a damaged one", async () => {
    await expect(framesOf(await mortal("twice.sh", 2))).rejects.toMatchObject({ reason: "ffmpeg-crashed" });
  });
});
