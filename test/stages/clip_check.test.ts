// Clips are decoded back under --strict: what decodes passes, what was damaged or cut short does not.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import type { ClipInfo, MediaEngine } from "../../src/media/engine.ts";
import { readMp4Info } from "../../src/media/mp4_info.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { openRemoteEngine } from "../../src/media/remote/remote_engine.ts";
import { serveEngine } from "../../src/media/remote/serve_engine.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import { LocalExecutor } from "../../src/pipeline/local_executor.ts";
import { requireWholeClip } from "../../src/stages/clip_check.ts";
import { SplitStage } from "../../src/stages/split.ts";
import { pathsOf } from "../io/storages.ts";
import { fast, ffmpeg, picture } from "../media/generated_videos.ts";
import { channelWorker } from "../support/channel_worker.ts";
import { world } from "./fakes.ts";

let folder: TempFolder;
let clip: Buffer;
let info: ClipInfo;
const { signal } = new AbortController();

beforeAll(async () => {
  folder = await createTempFolder("clipsieve-test-");
  const path = folder.file("clip.mp4");
  await ffmpeg(...picture("96x64", "25", 2), ...fast, "-movflags", "+faststart", path);
  clip = await readFile(path);
  info = readMp4Info(clip, clip.byteLength);
});
afterAll(() => folder.remove());

const span = { startSeconds: 10, endSeconds: 12 };

async function check(
  engine: MediaEngine,
  name: string,
  bytes: Uint8Array,
  said: ClipInfo,
  copied = false,
): Promise<void> {
  const path = folder.file(name);
  await writeFile(path, bytes);
  await requireWholeClip(
    engine,
    { kind: "file", path },
    { info: said, span, video: "a.mp4", copied },
    signal,
  );
}

test.each([
  ["ffmpeg", createNativeEngine],
  ["ffmpeg as WebAssembly", createWasmEngine],
])("by %s", async (name, create) => {
  const engine = await create();
  await check(engine, `${name} whole.mp4`, clip, info);

  const damaged = Buffer.from(clip);
  damaged.fill(0x55, Math.floor(clip.length * 0.6), Math.floor(clip.length * 0.8));
  const refused = check(engine, `${name} damaged.mp4`, damaged, info);
  await expect(refused).rejects.toMatchObject({ reason: "decode-errors" });
  await expect(refused).rejects.toThrow(/under --strict as .*: 10\.000 to 12\.000 s of a\.mp4\. Use another/);

  const copied = await check(engine, `${name} copied.mp4`, damaged, info, true).catch((error) => error);
  expect(copied).toMatchObject({ reason: "decode-errors", summary: { decodeErrors: expect.any(Number) } });
  expect(copied.message).toMatch(/ of a\.mp4\. Get an undamaged copy, or leave --strict out/);

  const gone = Buffer.from(clip);
  gone.fill(0x55, gone.indexOf("mdat") + 4);
  const lost = await check(engine, `${name} gone.mp4`, gone, info, true).catch((error) => error);
  expect(lost).toMatchObject({ reason: "decode-errors", summary: { decodeErrors: 1 } });
  expect(lost.message).toBe(
    "Cannot keep a clip under --strict as none of its frames decodes: 10.000 to 12.000 s of a.mp4. " +
      "Get an undamaged copy, or leave --strict out to keep the clips that decode",
  );

  await expect(check(engine, `${name} short.mp4`, clip, { ...info, frameCount: 51 })).rejects.toThrow(
    /it should have 51 frames of 96x64 and decodes to 50 frames of 96x64: /,
  );
});

/** A split of one video in memory, by an engine in a worker. */
async function strictSplit(inWorker: MediaEngine) {
  const engine = await openRemoteEngine(
    () => channelWorker((port) => serveEngine(port, async () => inWorker)),
    {},
  );
  const made = world();
  await made.storage("videos").write("four.mp4", clip);
  const stage = new SplitStage({
    ...{ videoDir: "videos", outputPath: "out", generateEmbeddings: false, strict: true },
    ...{ splitDurationSeconds: 1, minClipLengthSeconds: 0.5, transcodeEncoder: "libx264" },
  });
  const context = { ...made.context, mediaEngine: async () => engine };
  const [result] = await new LocalExecutor().run([stage], context);
  return { unit: result!.units[0]!, paths: await pathsOf(made.storage("out")) };
}

test("by an engine in a worker, which works one call at a time", async () => {
  const { unit, paths } = await strictSplit(await createNativeEngine());
  expect(unit).toMatchObject({ status: "done" });
  expect(paths.filter((path) => path.endsWith(".mp4"))).toHaveLength(2);
}, 20_000);

test("a clip that is not whole leaves nothing of its video", async () => {
  const native = await createNativeEngine();
  const lossy: MediaEngine = {
    version: native.version,
    probe: (source) => native.probe(source),
    encoders: (names) => native.encoders(names),
    split: (request, sinks) => native.split(request, sinks),
    scan: async (request, onFrame) => ({ ...(await native.scan(request, onFrame)), decodeErrors: 3 }),
  };
  const { unit, paths } = await strictSplit(lossy);
  expect(unit).toMatchObject({ status: "failed", reason: "decode-errors" });
  expect(paths.filter((path) => path.endsWith(".mp4"))).toEqual([]);
}, 20_000);
