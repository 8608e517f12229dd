// Whether an encoder really works: a few generated pictures are encoded with it. Being listed says nothing; h264_nvenc is
// listed on every machine, and absent from data-centre GPUs such as A100 and H100.

import { encoderOptions } from "./encoder_options.ts";
import type { EncoderInfo } from "./engine.ts";
import { firstLine } from "./probe_failure.ts";

type RunFfmpeg = (
  args: readonly string[],
) => Promise<{ readonly succeeded: boolean; readonly errorText: string }>;

export class EncoderTrials {
  readonly #run: RunFfmpeg;
  readonly #results = new Map<string, Promise<EncoderInfo>>();

  constructor(run: RunFfmpeg) {
    this.#run = run;
  }

  /** Each encoder is tried once; results are remembered. */
  async run(names: readonly string[]): Promise<readonly EncoderInfo[]> {
    const infos: EncoderInfo[] = [];
    for (const name of names) {
      const result = this.#results.get(name) ?? this.#try(name);
      this.#results.set(name, result);
      infos.push(await result);
    }
    return infos;
  }

  async #try(name: string): Promise<EncoderInfo> {
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
    const { succeeded, errorText } = await this.#run([
      ...["-nostdin", "-hide_banner", "-v", "error", ...picture],
      ...["-c:v", name, ...encoderOptions(name, 1), "-f", "null", "-"],
    ]);
    return succeeded ? { name, works: true } : { name, works: false, reason: firstLine(errorText) };
  }
}
