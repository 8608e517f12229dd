// Whether an encoder really works: a few generated pictures are encoded with it. Being listed says nothing; h264_nvenc is
// listed on every machine, and absent from data-centre GPUs such as A100 and H100.

import { encoderOptions } from "./encoder_options.ts";
import type { EncoderInfo } from "./engine.ts";
import { firstLine } from "./probe_failure.ts";

export type TryEncoder = (name: string) => Promise<EncoderInfo>;

type RunFfmpeg = (
  args: readonly string[],
) => Promise<{ readonly succeeded: boolean; readonly errorText: string }>;

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
    "testsrc=size=256x256:rate=25",
    "-frames:v",
    "5",
    "-pix_fmt",
    "yuv420p",
  ];
  return async (name) => {
    const { succeeded, errorText } = await run([
      ...["-nostdin", "-hide_banner", "-v", "error", ...picture],
      ...["-c:v", name, ...encoderOptions(name, 1), "-f", "null", "-"],
    ]);
    return succeeded ? { name, works: true } : { name, works: false, reason: firstLine(errorText) };
  };
}
