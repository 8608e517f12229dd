// Frames counted and timed from packets as ffprobe prints them: pts, dts, duration, position, flags.
import { expect, test } from "vitest";
import { PacketClock } from "../../src/media/packet_clock.ts";
import { pictureFormat } from "../../src/media/picture_format.ts";
import type { ProbeHeader } from "../../src/media/probe_header.ts";

const header: ProbeHeader = {
  ...{
    videoStream: 0,
    audioStream: null,
    videoCodec: "h264",
    audioCodec: null,
    audioSampleRate: null,
    pixelFormat: "yuv420p",
  },
  ...{
    width: 64,
    height: 64,
    rotationDegrees: 0,
    picture: pictureFormat({}, { width: 64, height: 64, rotationDegrees: 0 }),
    seekable: true,
  },
  ...{ bitRate: null, timeBase: [1, 1000], averageFrameRate: 25, baseFrameRate: 25 },
};

function clock(lines: readonly string[], more: Partial<ProbeHeader> = {}) {
  const packets = new PacketClock("v.mp4", 1 << 23);
  for (const line of lines) packets.push(line);
  return packets.videoInfo({ ...header, ...more });
}

test("packets in decoding order become frames in display order, the first at zero", () => {
  const info = clock(["500,420,40,N/A,K_", "620,460,40,N/A,__", "540,500,40,N/A,__", "580,540,40,N/A,__"]);
  expect([...info.frameTimes]).toEqual([0, 0.04, 0.08, 0.12]);
  expect(info).toMatchObject({
    frameCount: 4,
    durationSeconds: 0.16,
    stream: { startSeconds: 0.5, timesFromRate: false },
  });
});

test("packets before the start of an edit list are not frames", () => {
  expect(
    clock(["-80,-80,40,N/A,KD", "-40,-40,40,N/A,_D", "0,0,40,N/A,__", "40,40,40,N/A,__"]).frameCount,
  ).toBe(2);
});

test("frames shown at once are told apart by a tick", () => {
  expect([
    ...clock(["0,0,40,N/A,K_", "40,40,40,N/A,__", "40,60,40,N/A,__", "80,80,40,N/A,__"]).frameTimes,
  ]).toEqual([0, 0.04, 0.041, 0.08]);
});

test("a packet without a presentation time is shown as long after its decoding as others are", () => {
  const lines = Array.from({ length: 12 }, (_, i) => `${i === 5 ? "N/A" : 40 * i},${40 * i - 40},40,N/A,K_`);
  expect([...clock(lines).frameTimes]).toEqual(Array.from({ length: 12 }, (_, i) => (40 * i) / 1000));
});

test("a last packet without a presentation time follows the frame whose time it would share", () => {
  const info = clock([
    "0,-40,40,N/A,K_",
    "40,0,40,N/A,__",
    ...Array.from({ length: 10 }, (_, i) => `${80 + 40 * i},${40 + 40 * i},40,N/A,__`),
    "N/A,440,40,N/A,__",
  ]);
  expect([...info.frameTimes.slice(-2), info.durationSeconds]).toEqual([0.44, 0.48, 0.52]);
});

test.each([
  ["at the time of the next frame", "40,40,40,N/A,__"],
  ["just before it, as vpxenc writes it", "39,39,40,N/A,__"],
  ["just after the frame before", "1,1,40,N/A,__"],
])("a packet of VP8 that is not shown, %s, is no frame", (_, hidden) => {
  const lines = ["0,0,40,N/A,K_", hidden, "40,40,40,N/A,__", "80,80,40,N/A,__"];
  const info = clock(lines, { videoCodec: "vp8" });
  expect(info.frameCount).toBe(3);
  expect(info.frameTimes[2]).toBe(0.08);
  expect(clock(lines).frameCount).toBe(4);
});

test("of VP8 on a coarse clock every tick is a frame", () => {
  const info = clock(["0,0,1,N/A,K_", "1,1,1,N/A,__", "1,1,1,N/A,__", "2,2,1,N/A,__"], {
    videoCodec: "vp8",
    timeBase: [1, 25],
  });
  expect([...info.frameTimes]).toEqual([0, 0.04, 0.08]);
});

test("without times the frame rate lays them out", () => {
  const info = clock(["N/A,0,1,N/A,K_", "N/A,1,1,N/A,__", "N/A,2,1,N/A,__"]);
  expect([...info.frameTimes]).toEqual([0, 1 / 25, 2 / 25]);
  expect(info.stream).toMatchObject({ timesFromRate: true, timeBase: [1, 90_000] });
  expect(info.durationSeconds).toBeCloseTo(3 / 25, 12);
});

test("a clock that starts anew leaves frames in decoding order, at the rate between its restarts", () => {
  const part = ["500,420,40,N/A,K_", "620,460,40,N/A,__", "540,500,40,N/A,__", "580,540,40,N/A,__"];
  const shifted = part.map((line) => line.replace(/^\d+,\d+/, (times) => times.replaceAll(/\d+/g, "1$&")));
  const info = clock([...shifted, ...part, ...part.slice(0, 2)], { averageFrameRate: 50 });
  expect(info).toMatchObject({ frameCount: 10, frameRate: 25 });
  expect(info.frameTimes[9]).toBe(9 / 25);
  expect(info.stream).toMatchObject({ startSeconds: 1.5, timesFromRate: true, clockRestarts: true });
  expect(info.keyFrames).toBeUndefined();
});

test("a single time that is too low is damage, one that is too high makes the clock fall", () => {
  const around = (damaged: string) =>
    clock(["0,0,40,N/A,K_", "40,40,40,N/A,__", damaged, "120,120,40,N/A,__", "160,160,40,N/A,__"]).stream
      ?.clockRestarts;
  expect([around("80,80,40,N/A,__"), around("-9000,-9000,40,N/A,__"), around("9000,9000,40,N/A,__")]).toEqual(
    [false, false, true],
  );
});

test("the rate is measured where the header has none", () => {
  const info = clock(["0,0,N/A,N/A,K_", "100,100,N/A,N/A,__", "200,200,N/A,N/A,__"], {
    averageFrameRate: null,
  });
  expect(info).toMatchObject({ frameRate: 10, durationSeconds: 0.30000000000000004 });
});

test("no packets, no video", () => {
  expect(() => clock([])).toThrow(expect.objectContaining({ reason: "no-frames" }));
});
