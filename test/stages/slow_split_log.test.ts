import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LocalExecutor } from "../../src/pipeline/local_executor.ts";
import { SlowSplitLog } from "../../src/stages/slow_split_log.ts";
import { SplitStage } from "../../src/stages/split.ts";
import { world } from "./fakes.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a split is spoken of twice a minute, whether a clip came or not, until it ends", () => {
  const lines: string[] = [];
  const told = new SlowSplitLog((level, message) => lines.push(`${level} ${message}`), "a.mp4", 8);
  const [first, second] = [told.part(), told.part()];
  vi.advanceTimersByTime(29_000);
  expect(lines).toEqual([]);
  first(2);
  second(1);
  vi.advanceTimersByTime(1000);
  vi.advanceTimersByTime(30_000);
  told.stop();
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual(Array(2).fill("info a.mp4: 3 of 8 clips done (37 %)"));
});

test.each([true, false])(
  "a stage tells of the clips that lie behind it, clips written: %s",
  async (uploadClips) => {
    const made = world();
    await made.storage("videos").write("a.mp4", "100 10");
    const lines: string[] = [];
    const split = made.engine.split.bind(made.engine);
    const engine = {
      ...made.engine,
      split: async (...[request, sinks]: Parameters<typeof split>) => {
        const report = await split(request, sinks);
        vi.advanceTimersByTime(30_000);
        return report;
      },
    };
    const log = (_: string, message: string): number => lines.push(message);
    const context = { ...made.context, log, mediaEngine: async () => engine };
    const options = { videoDir: "videos", outputPath: "out", splitDurationSeconds: 2, uploadClips };
    await new LocalExecutor().run([new SplitStage(options)], context);
    vi.advanceTimersByTime(60_000);
    // Frames alone do not tell that a clip has ended, but that the next has begun.
    const done = uploadClips ? "5 of 5 clips done (100 %)" : "4 of 5 clips done (80 %)";
    expect(lines).toEqual([`a.mp4: ${done}`]);
  },
);
