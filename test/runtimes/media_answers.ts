// Probes and splits a video and gathers what came as plain data; then compares such answers. Web-safe, as browsers run it.
import type { MediaEngine, MediaSource } from "../../src/media/engine.ts";
import { framesInSpan } from "../../src/media/frame_span.ts";
import type { Span } from "../../src/types.ts";

export interface MediaAnswers {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly frameTimes: readonly number[];
  readonly clips: readonly Readonly<Record<string, unknown>>[];
  readonly emptySpans: readonly number[];
  readonly frames: readonly {
    readonly place: string;
    readonly geometry: Readonly<Record<string, unknown>>;
    readonly data: readonly number[];
  }[];
}

/** Two clips with a gap between them, and one after the end. */
const spans: readonly Span[] = [
  { startSeconds: 0, endSeconds: 0.8 },
  { startSeconds: 1.2, endSeconds: 3 },
  { startSeconds: 3, endSeconds: 4 },
];

export async function answersOf(
  engine: MediaEngine,
  source: MediaSource,
  encoder: string | null,
): Promise<MediaAnswers> {
  const info = await engine.probe(source);
  // Which stream it is, and its bit rate, each engine tells in its own way.
  const { frameTimes, stream: _, bitRate: __, ...facts } = info;
  const sampleFrames = spans.map((span) => {
    const { first, end } = framesInSpan(frameTimes, span);
    return end > first ? [first, (first + end) >> 1, end - 1] : [];
  });
  const clips: MediaAnswers["clips"][number][] = [];
  const frames: MediaAnswers["frames"][number][] = [];
  const report = await engine.split(
    { source, info, spans, encoder, encoderThreads: 0, sampleFrames },
    {
      async onClip({ index, info: { sizeBytes, ...clip }, read }) {
        let readBytes = 0;
        for await (const part of read()) readBytes += part.byteLength;
        clips.push({ index, wholeClipCame: readBytes === sizeBytes, ...clip });
      },
      async onFrame({ clip, sample, frame: { data, ...geometry } }) {
        frames.push({ place: `${clip}.${sample}`, geometry, data: [...data] });
      },
    },
  );
  return { facts, frameTimes: [...frameTimes], clips, emptySpans: report.emptySpans, frames };
}

/** The first difference, or undefined. Pixels may differ by 1 of 255, times by a nanosecond. */
export function differingAnswer(actual: MediaAnswers, expected: MediaAnswers): string | undefined {
  return (
    differingValue("facts", actual.facts, expected.facts) ??
    differingNumber("frame time", actual.frameTimes, expected.frameTimes, 1e-9) ??
    differingValue("clips", actual.clips, expected.clips) ??
    differingValue("empty spans", actual.emptySpans, expected.emptySpans) ??
    differingValue("sampled frames", places(actual), places(expected)) ??
    actual.frames
      .map(({ place, data }, i) => differingNumber(`frame ${place}`, data, expected.frames[i]!.data, 1))
      .find((difference) => difference !== undefined)
  );
}

function places({ frames }: MediaAnswers): unknown {
  return frames.map(({ place, geometry }) => ({ place, geometry }));
}

function differingValue(what: string, actual: unknown, expected: unknown): string | undefined {
  const [a, b] = [JSON.stringify(sorted(actual)), JSON.stringify(sorted(expected))];
  return a === b ? undefined : `${what}: ${a.slice(0, 1000)}, not ${b.slice(0, 1000)}`;
}

function differingNumber(
  what: string,
  actual: readonly number[],
  expected: readonly number[],
  allowed: number,
): string | undefined {
  if (actual.length !== expected.length) return `${what}: ${actual.length} values, not ${expected.length}`;
  const at = expected.findIndex((value, i) => !(Math.abs(actual[i]! - value) <= allowed));
  return at < 0 ? undefined : `${what} [${at}]: ${actual[at]}, not ${expected[at]}`;
}

/** Keys in order, and numbers to 5 digits as the clocks of clips are coarse, so that equal values give equal text. */
function sorted(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(5));
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
