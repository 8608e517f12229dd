import { expect, test } from "vitest";
import { MediaEngineError } from "../../src/errors.ts";
import { chooseEncoder } from "../../src/video/encoder_choice.ts";

function engine(...working: string[]) {
  return {
    version: "ffmpeg 5.1",
    encoders: async (names: readonly string[]) =>
      names.map((name) =>
        working.includes(name) ? { name, works: true } : { name, works: false, reason: "no device" },
      ),
  };
}

test("auto takes the first that works", async () => {
  expect(await chooseEncoder(engine("libvpx-vp9", "libx264"), "auto")).toBe("libx264");
  expect(await chooseEncoder(engine("libx264", "h264_nvenc"), "auto")).toBe("h264_nvenc");
  expect(await chooseEncoder(engine("libvpx-vp9"), "auto")).toBe("libvpx-vp9");
});

test("a named encoder is taken or refused, never replaced", async () => {
  expect(await chooseEncoder(engine("libx264", "libvpx-vp9"), "libvpx-vp9")).toBe("libvpx-vp9");
  const refused = chooseEncoder(engine("libx264"), "h264_nvenc");
  await expect(refused).rejects.toThrow(MediaEngineError);
  await expect(refused).rejects.toThrow(/h264_nvenc \(no device\).*--transcode-encoder auto/);
});

test("names every encoder that was tried when none works", async () => {
  await expect(chooseEncoder(engine(), "auto")).rejects.toThrow(
    /h264_nvenc.*libx264.*libopenh264.*libvpx-vp9.*--no-upload-clips/,
  );
});
