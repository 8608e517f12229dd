// Flags of NeMo Curator's video_split_clip_example.py that clipsieve has no use for, so that a command line of the
// tutorials runs as it is. Those that only allot resources or tune a part that is off are taken with a warning; those
// that ask for a result which would then be missing are refused by name.
import { type Command, Option } from "commander";
import { UsageError } from "../errors.ts";
import type { CommandName } from "../pipeline/options.ts";

/** Taken and passed over; all have a value. */
const withoutEffect: readonly string[] = [
  "transcode-cpus-per-worker",
  "transcode-ffmpeg-batch-size",
  "embedding-gpu-memory-gb",
  "transnetv2-frame-decoder-mode",
  "transnetv2-gpu-memory-gb",
  "motion-decode-cpus-per-worker",
  "motion-score-batch-size",
  "motion-score-gpus-per-worker",
  "aesthetic-reduction",
  "aesthetic-gpus-per-worker",
];

const refused: Readonly<Record<string, string>> = {
  "generate-captions": "clipsieve writes no captions",
  "enhance-captions": "clipsieve writes no captions",
  "transcode-use-hwaccel": "clipsieve decodes on the CPU",
  "transcode-use-input-video-bit-rate": "clipsieve encodes at constant quality",
  "aesthetic-threshold <number>": "clipsieve has no aesthetic filter",
  "clip-extraction-target-res <number>": "the model's own spec says how frames are resized",
};

export function addNemoFlags(command: Command, name: CommandName): void {
  if (name !== "split" && name !== "run") return;
  for (const flag of withoutEffect) command.addOption(new Option(`--${flag} <value>`).hideHelp());
  for (const flag of Object.keys(refused)) command.addOption(new Option(`--${flag}`).hideHelp());
}

/**
 * The typed flags that have no effect here.
 * @throws UsageError for one that asks for something clipsieve does not do.
 */
export function nemoFlagsWithoutEffect(command: Command): string[] {
  const typed = (flag: string): boolean =>
    command.options.some(
      (option) =>
        option.long === `--${flag}` && command.getOptionValueSource(option.attributeName()) === "cli",
    );
  for (const [form, why] of Object.entries(refused)) {
    const flag = form.split(" ")[0]!;
    if (typed(flag)) throw new UsageError(`Cannot use --${flag} as ${why}. Leave it out`);
  }
  return withoutEffect.filter(typed).map((flag) => `--${flag}`);
}
