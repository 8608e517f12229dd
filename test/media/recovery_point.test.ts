// Key packets that only begin to renew the picture, told from their bytes and left out of the key frames of a video.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempFolder, type TempFolder } from "../../src/io/temp_folder.ts";
import { createNativeEngine } from "../../src/media/native/native_engine.ts";
import { recoversLate } from "../../src/media/recovery_point.ts";
import { createWasmEngine } from "../../src/media/wasm/create_wasm_engine.ts";
import { ffmpeg, picture } from "./generated_videos.ts";

const unit = (...bytes: number[]) => [0, 0, bytes.length >> 8, bytes.length & 255, ...bytes];
const head = (...units: number[][]) => new Uint8Array(units.flat());

const delimiter = unit(9, 0xf0);
const [idrSlice, slice] = [unit(0x65, 0x88, 0x84), unit(0x41, 0x9a, 0x80)];
/** Other messages ahead, one of 256 bytes with an escaped three, then a recovery point after some frames or at once. */
const long = [5, 255, 2, ...new Array<number>(254).fill(7), 0, 0, 3, 3];
const late = [6, 1, 0b011_1_0_00_1];
const atOnce = [6, 1, 0b1_1_0_00_100];

describe("a packet", () => {
  test.each([
    ["with a recovery point some frames ahead", head(delimiter, unit(6, ...late, 0x80), slice), true],
    ["of Matroska with such", head([0x81, 0, 40, 0x80], unit(6, ...late, 0x80), slice), true],
    ["with other messages ahead", head(unit(6, ...long, ...late, 0x80), slice), true],
    ["with a unit of messages ahead", head(unit(6, 1, 2, 0, 0, 0x80), unit(6, ...late, 0x80), slice), true],
    ["that decodes by itself", head(unit(6, ...atOnce, 0x80), slice), false],
    ["of an IDR picture", head(unit(6, ...late, 0x80), idrSlice), false],
    ["without messages", head(delimiter, slice), false],
    ["with one behind its picture", head(slice, unit(6, ...late, 0x80)), false],
    ["cut off", head([0, 0, 0, 9, 6, 6]), false],
    ["of zeros", new Uint8Array(20), false],
    ["without bytes", new Uint8Array(), false],
  ])("%s", (_, bytes, expected) => {
    expect(recoversLate(bytes)).toBe(expected);
  });
});

describe("key frames of H.264", () => {
  let folder: TempFolder;
  beforeAll(async () => {
    folder = await createTempFolder("clipsieve-test-");
  });
  afterAll(() => folder.remove());

  test.each([
    ["plain", "", [0, 10, 20], [0, 10, 20]],
    ["open groups", "open-gop=1:bframes=3:b-adapt=0", [0, 10, 20], [0]],
    ["intra refresh", "intra-refresh=1", [0], [0]],
  ])("%s", async (name, parameters, all, entries) => {
    for (const ending of ["mp4", "mkv"]) {
      const path = folder.file(`${name}.${ending}`);
      const x264 = ["-c:v", "libx264", "-g", "10", "-x264-params", `scenecut=0:${parameters}`];
      await ffmpeg(...picture("64x64", "10", 3), ...x264, path);
      const source = { kind: "file", path } as const;
      const { keyFrames } = await (await createNativeEngine()).probe(source);
      expect(keyFrames).toMatchObject({ all, entries });
    }
  });

  test("are the same to the engine without ffmpeg", async () => {
    const source = { kind: "file", path: folder.file("intra refresh.mp4") } as const;
    const { keyFrames } = await (await createWasmEngine()).probe(source);
    expect(keyFrames).toMatchObject({ all: [0], entries: [0] });
  });
});
