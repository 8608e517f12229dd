// Files in the memory of a core to which ffmpeg prints the labels of frames, each through a descriptor that is open before it
// starts. The trap: ffmpeg opens what it prints to anew where the size of pictures changes, and empties a file that it knows
// by name.
import { invariant } from "../../errors.ts";
import { tickOfLabel } from "../segment_check.ts";
import type { FfmpegCore } from "./ffmpeg_core.ts";

/** In the order in which they are opened. Descriptors below are standard input, output and error. */
const LABEL_FILES = ["frame_labels.txt", "gray_labels.txt", "clip_labels.txt"] as const;
const FIRST_DESCRIPTOR = 3;

export type LabelFile = (typeof LABEL_FILES)[number];

/** What ffmpeg is told to print the labels of this file to. */
export function labelTarget(file: LabelFile): string {
  return `pipe:${FIRST_DESCRIPTOR + LABEL_FILES.indexOf(file)}`;
}

/** Opens all of them in a new core, before anything else is opened there. */
export function openLabelFiles({ FS }: FfmpegCore): void {
  for (const file of LABEL_FILES) {
    const { fd } = FS.open(file, "a");
    invariant(labelTarget(file) === `pipe:${fd}`, "descriptors of a new core are given out in order");
  }
}

/** The ticks of the frames that were labelled, in the order in which these came. */
export function labelledTicks({ FS }: FfmpegCore, file: LabelFile): number[] {
  return FS.readFile(file, { encoding: "utf8" })
    .split("\n")
    .map(tickOfLabel)
    .filter((tick) => tick !== undefined);
}
