// One run of a native ffmpeg for a split: frames come over standard output, their ticks over pipe 3, clips as files of a
// temporary folder announced over pipe 4, gray frames over pipe 5 and their ticks over pipe 6, previews as files announced
// over pipe 7, and the ticks of all frames of clips in a file that it inherits as 8. Each clip is delivered and deleted
// while the next is being made; those that are made faster than that wait as files. All pipes are read at once: ffmpeg stands
// still as soon as one of them is full.
import { localFileSize, readFileRange, readLocalFile } from "../../io/local_file.ts";
import type { TempFolder } from "../../io/temp_folder.ts";
import { AsyncQueue } from "../async_queue.ts";
import type { ClipInfo } from "../engine.ts";
import { moovEnd, wholeMp4Info } from "../mp4_info.ts";
import { previewOfSegment } from "../preview_check.ts";
import { fileOfSegment } from "../segment_check.ts";
import type { SplitTargets } from "../split_arguments.ts";
import type { AttemptEnd, SplitAttempt } from "../split_session.ts";
import { FfmpegProcess, type ProcessLimits } from "./ffmpeg_process.ts";
import { LabelFile } from "./label_file.ts";
import { readFrames, readLabels } from "./raw_frames.ts";

export const NATIVE_TARGETS: Omit<SplitTargets, "readsOptionFiles" | "filtersOnMuxerClock" | "toneMaps"> = {
  frames: "pipe:1",
  frameLabels: "pipe:3",
  grayFrames: "pipe:5",
  grayLabels: "pipe:6",
  clipLabels: "pipe:8",
  segmentList: "pipe:4",
  progress: "pipe:4",
  clipPattern: "clip_%06d.mp4",
  previewList: "pipe:7",
  previewPattern: "preview_%06d.webp",
};

const CLIP_LABELS = "clip_labels.txt";
/** Enough for the moov box of a clip of some minutes; more is read when it is longer. */
const HEAD_BYTES = 1 << 18;

export interface NativeRun {
  readonly binary: string;
  /** Clips are written here. */
  readonly folder: TempFolder;
  /** Of one gray frame. */
  readonly grayBytes: number;
  /** For messages. */
  readonly name: string;
  readonly limits: ProcessLimits;
  readonly signal: AbortSignal | undefined;
}

/** Rejects with what a sink rejected with, or with an error of FfmpegProcess. */
export async function runNative(run: NativeRun, attempt: SplitAttempt): Promise<AttemptEnd> {
  for (const [name, text] of attempt.files) await run.folder.write(name, text);
  const child = await start(run, attempt);
  const labels = new AsyncQueue<number>();
  const grayLabels = new AsyncQueue<number>();
  const files = new AsyncQueue<string>();
  const parts = [
    readFrames(child, 1, attempt.router.frameBytes, labels, attempt.router),
    readLabels(child, 3, labels),
    readFrames(child, 5, run.grayBytes, grayLabels, attempt.grayRouter),
    readLabels(child, 6, grayLabels),
    readSegments(child, files),
    deliverClips(child, run, files, attempt),
    deliverPreviews(child, run, attempt),
  ];
  const end = await child.end(parts);
  const succeeded = end.code === 0;
  // A run that broke off is repeated: samples that it left open are not to be filled with the last frame that came.
  if (succeeded) await attempt.router.finish();
  return { ...end, succeeded };
}

async function start(run: NativeRun, attempt: SplitAttempt): Promise<FfmpegProcess> {
  const { binary, folder, limits, name: subject, signal } = run;
  const clipLabels = await folder.openToAppend(CLIP_LABELS);
  try {
    const files = [clipLabels.descriptor];
    return new FfmpegProcess({
      ...{ binary, args: attempt.args, cwd: folder.path, extraPipes: 5, files },
      ...{ limits, subject, signal },
    });
  } finally {
    await clipLabels.close();
  }
}

async function readSegments(child: FfmpegProcess, files: AsyncQueue<string>): Promise<void> {
  for await (const line of child.lines(4)) {
    const file = fileOfSegment(line);
    if (file !== undefined) files.push(file);
  }
  files.close();
}

async function deliverClips(
  child: FfmpegProcess,
  { folder }: NativeRun,
  files: AsyncQueue<string>,
  attempt: SplitAttempt,
): Promise<void> {
  const labels = new LabelFile(folder.file(CLIP_LABELS));
  const countFrames = async (): Promise<void> => {
    for await (const tick of labels.newTicks()) attempt.segments.countFrame(tick);
  };
  for (let name = await files.take(); name !== undefined; name = await files.take()) {
    await countFrames();
    const path = folder.file(name);
    const info = await readClipInfo(path);
    const clip = attempt.segments.take(info?.frameCount ?? 0);
    if (clip !== undefined && info !== undefined) {
      const read = (): AsyncIterable<Uint8Array> => readLocalFile(path);
      await child.whileBusy(() => attempt.deliver({ index: clip.index, info, read }));
    }
    await folder.delete(name);
  }
  // Frames of clips that were never finished.
  await countFrames();
}

async function deliverPreviews(
  child: FfmpegProcess,
  { folder }: NativeRun,
  attempt: SplitAttempt,
): Promise<void> {
  for await (const line of child.lines(7)) {
    const file = previewOfSegment(line);
    if (file === undefined) continue;
    const path = folder.file(file.name);
    const bytes = await readFileRange(path, 0, await localFileSize(path));
    const preview = attempt.previews.take(file, bytes);
    if (preview !== undefined) await child.whileBusy(() => attempt.deliverPreview(preview));
    await folder.delete(file.name);
  }
}

async function readClipInfo(path: string): Promise<ClipInfo | undefined> {
  const sizeBytes = await localFileSize(path);
  let head = await readFileRange(path, 0, Math.min(HEAD_BYTES, sizeBytes));
  if (moovEnd(head) === undefined && head.byteLength < sizeBytes)
    head = await readFileRange(path, 0, sizeBytes);
  return wholeMp4Info(head, sizeBytes);
}
