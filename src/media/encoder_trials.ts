// Whether an encoder really works: a few generated pictures are encoded with it, as a split would, with a key frame asked for
// among them. Being listed says nothing; h264_nvenc is listed on every machine, and absent from data-centre GPUs such as A100
// and H100. Nor does encoding: libsvtav1 passes over key frames that it is asked for, and no clip could begin there.
import { encoderClock, encoderOptions } from "./encoder_options.ts";
import type { EncoderInfo } from "./engine.ts";
import { firstLine } from "./probe_failure.ts";

export type TryEncoder = (name: string) => Promise<EncoderInfo>;

/** Arguments lack the output, which is to be text. */
type RunFfmpeg = (
  args: readonly string[],
) => Promise<{ readonly succeeded: boolean; readonly errorText: string; readonly output: string }>;

const FRAME_COUNT = 5;
const FRAMES_PER_SECOND = 25;
/** The frame that is to be a key frame. */
const KEY_FRAME = 2;
/** Of MPEG-TS, finer than those of most other sources. */
const CLOCK = [1, 90_000] as const;

export class EncoderTrials {
  readonly #tryEncoder: TryEncoder;
  readonly #results = new Map<string, Promise<EncoderInfo>>();

  constructor(tryEncoder: TryEncoder) {
    this.#tryEncoder = tryEncoder;
  }

  /** Each encoder is tried once; results are remembered. */
  async run(names: readonly string[]): Promise<readonly EncoderInfo[]> {
    const infos: EncoderInfo[] = [];
    for (const name of names) {
      const result = this.#results.get(name) ?? this.#tryEncoder(name);
      this.#results.set(name, result);
      infos.push(await result);
    }
    return infos;
  }
}

/** Tries an encoder of ffmpeg. */
export function ffmpegTrial(run: RunFfmpeg): TryEncoder {
  const picture = [
    "-f",
    "lavfi",
    "-i",
    `testsrc=size=256x256:rate=${FRAMES_PER_SECOND}`,
    "-frames:v",
    String(FRAME_COUNT),
    "-pix_fmt",
    "yuv420p",
  ];
  return async (name) => {
    const { succeeded, errorText, output } = await run([
      ...["-nostdin", "-hide_banner", "-v", "error", ...picture],
      ...["-c:v", name, ...encoderOptions(name, 1), "-enc_time_base", encoderClock(name, CLOCK).join(":")],
      ...["-force_key_frames", String((KEY_FRAME - 0.5) / FRAMES_PER_SECOND), "-f", "framecrc"],
    ]);
    const reason = succeeded ? shortcoming(output) : firstLine(errorText);
    return reason === null ? { name, works: true } : { name, works: false, reason };
  };
}

/** What is wrong with the packets of a trial, or null. A line tells of one: stream, dts, pts, ..., and its flags unless it is a key. */
function shortcoming(listed: string): string | null {
  const packets = listed
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => ({ tick: Number(line.split(",")[2]), isKey: !/, F=0x\w*[02468ACE]\b/i.test(line) }))
    .sort((a, b) => a.tick - b.tick);
  if (packets.length !== FRAME_COUNT) return `it gave ${packets.length} of ${FRAME_COUNT} frames`;
  return packets[KEY_FRAME]?.isKey === true ? null : "it makes no key frame where one is asked for";
}
