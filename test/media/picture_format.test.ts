// What the header's words make of the sampled frames: formats that are kept, nearest ones, colour, chroma's place, shape.
import { describe, expect, test } from "vitest";
import { pictureFormat } from "../../src/media/picture_format.ts";
import { pictureByteCount, pixelLayout } from "../../src/pixel_layout.ts";

const size = { width: 64, height: 48, rotationDegrees: 0 };
const kept = (pix_fmt: string, more = {}) =>
  pictureFormat({ pix_fmt }, { ...size, ...more }).frame.pixelFormat;

test("pixel formats are kept, or become the nearest that loses nothing", () => {
  const formats = {
    ...{ yuv420p: "yuv420p", yuvj422p: "yuv422p", p010le: "p010le", nv12: "nv12", gray12le: "gray12le" },
    ...{ yuv420p10be: "yuv420p10le", yuva444p16be: "yuv444p16le", gbrap12be: "gbrp12le", rgb48be: "rgb48le" },
    ...{ yuyv422: "yuv422p", y210le: "yuv422p10le", uyyvyy411: "yuv411p", ya16be: "gray16le", monow: "gray" },
    ...{
      pal8: "rgb24",
      rgb565le: "rgb24",
      x2rgb10le: "gbrp10le",
      gbrpf32le: "gbrp16le",
      xyz12le: "gbrp16le",
    },
    ...{ vuya: "yuv444p16le", "": "gbrp16le", "not a format": "gbrp16le" },
  };
  const found = Object.fromEntries(Object.keys(formats).map((format) => [format, kept(format)]));
  expect(found).toEqual(formats);
  for (const format of Object.values(formats)) expect(pixelLayout(format), format).toBeDefined();
});

test("the deprecated full-range names are asked of ffmpeg as they are, which saves a conversion", () => {
  expect(pictureFormat({ pix_fmt: "yuvj420p" }, size)).toMatchObject({
    rawFormat: "yuvj420p",
    frame: { pixelFormat: "yuv420p", range: "full" },
  });
  expect(pictureFormat({ pix_fmt: "yuvj422p" }, { ...size, rotationDegrees: 90 }).rawFormat).toBe("yuv444p");
});

test("a quarter turn of unequal chroma needs chroma of full size", () => {
  expect(kept("yuv422p10le", { rotationDegrees: 90 })).toBe("yuv444p10le");
  expect(kept("yuv422p", { rotationDegrees: 180 })).toBe("yuv422p");
  expect(kept("yuv420p10le", { rotationDegrees: 270 })).toBe("yuv420p10le");
  expect(kept("yuv411p", { rotationDegrees: 270 })).toBe("yuv444p");
});

test("pictures of more than 96 MiB become 4:2:0 of 8 bits", () => {
  const large = { width: 8192, height: 8192 };
  expect(kept("yuv444p10le", large)).toBe("yuv420p");
  expect(kept("rgb48le", large)).toBe("gbrp");
  expect(kept("gray16le", large)).toBe("gray");
  expect(kept("yuv444p10le", { width: 4096, height: 2160 })).toBe("yuv444p10le");
  expect(pictureByteCount("yuv420p", 8192, 8192)).toBe(96 * 2 ** 20);
});

test("what the header leaves open is read as ffmpeg's scaler reads it", () => {
  const colors = (stated: object) => {
    const { matrix, range, transfer } = pictureFormat({ pix_fmt: "yuv420p", ...stated }, size).frame;
    return [matrix, range, transfer ?? "sdr"].join(" ");
  };
  expect(colors({})).toBe("bt601 limited sdr");
  expect(colors({ color_space: "bt470bg", color_range: "tv" })).toBe("bt601 limited sdr");
  expect(colors({ color_space: "bt709", color_range: "pc" })).toBe("bt709 full sdr");
  expect(colors({ pix_fmt: "gray" })).toBe("bt601 full sdr");
  expect(colors({ pix_fmt: "gray", color_range: "tv" })).toBe("bt601 limited sdr");
  expect(colors({ pix_fmt: "gbrp", color_space: "gbr" })).toBe("bt709 full sdr");
  expect(colors({ color_space: "bt2020nc", color_transfer: "smpte2084" })).toBe("bt2020 limited pq");
  expect(colors({ color_space: "bt2020nc", color_transfer: "arib-std-b67" })).toBe("bt2020 limited hlg");
  expect(colors({ color_space: "bt2020c", color_transfer: "bt2020-10" })).toBe("bt2020 limited sdr");
});

describe("chroma samples", () => {
  const site = (pix_fmt: string, chroma_location: string | undefined, more = {}) =>
    pictureFormat({ pix_fmt, chroma_location }, { ...size, ...more }).frame.chromaSite;

  test("lie where the header says, else left", () => {
    expect(site("yuv420p", undefined)).toBeUndefined();
    expect(site("yuv420p", "left")).toBeUndefined();
    expect(site("yuv420p", "center")).toEqual([0.5, 0.5]);
    expect(site("yuv420p", "topleft")).toEqual([0, 0]);
    expect(site("yuv422p", "topleft")).toBeUndefined();
    expect(site("yuv444p", "center")).toBeUndefined();
    expect(site("gbrp", "center")).toBeUndefined();
  });

  test.each([
    [90, 64, 48, [0.5, 0]],
    [180, 64, 48, [1, 0.5]],
    [180, 63, 48, undefined],
    [270, 64, 48, [0.5, 1]],
    [270, 64, 47, [0.5, 0]],
  ])("turn with the picture: %i degrees of %ix%i", (rotationDegrees, width, height, expected) => {
    expect(site("yuv420p", "left", { rotationDegrees, width, height })).toEqual(expected);
  });
});

test("the shape of pixels turns with the picture; what is not stated is square", () => {
  const aspect = (sample_aspect_ratio: string | undefined, rotationDegrees = 0) =>
    pictureFormat({ sample_aspect_ratio }, { ...size, rotationDegrees }).frame.pixelAspect;
  expect([aspect("2:1"), aspect("2:1", 90), aspect("8:9", 180)]).toEqual([2, 0.5, 8 / 9]);
  expect([aspect(undefined), aspect("1:1"), aspect("0:1"), aspect("N/A")]).toEqual(Array(4).fill(undefined));
});

test("only upright pictures are taken apart into fields", () => {
  const interlaced = (field_order: string | undefined, rotationDegrees = 0) =>
    pictureFormat({ field_order }, { ...size, rotationDegrees }).interlaced;
  expect([interlaced("tt"), interlaced("bb"), interlaced("tb"), interlaced("bt")]).toEqual(
    Array(4).fill(true),
  );
  expect([interlaced("progressive"), interlaced(undefined), interlaced("tt", 90)]).toEqual(
    Array(3).fill(false),
  );
});
