// Why ffprobe refused a file, as a stable reason: read from its first bytes and from ffprobe's messages, which have stayed
// the same since version 4.
import { InputError, type ReasonCode } from "../errors.ts";
import { type ContentKind, contentKind } from "./content_kind.ts";
import { TOO_MANY_PIXELS, tooManyPixelsError } from "./probe_header.ts";

type Cause = readonly [reason: ReasonCode, why: string, remedy: string, skipped: boolean];

const COPY_AGAIN = "Download or copy it again";
const CONVERT = "Convert it to mp4 or mkv";

const BY_CONTENT: Partial<Record<ContentKind, Cause>> = {
  playlist: [
    "playlist",
    "it is a playlist, which names other files, under a video's name",
    "Give the videos that it lists",
    true,
  ],
  text: ["not-a-video", "its content is text", "Leave it out", true],
  picture: ["picture", "it is a picture under a video's name", "Leave it out", true],
};

const BY_MESSAGE: readonly (readonly [pattern: RegExp, ...cause: Cause])[] = [
  [/not on whitelist/i, "not-a-video", "its format is not one of those that are read", CONVERT, true],
  [/Permission denied/i, "unreadable", "permission was denied", "Mend its permissions", false],
  [/No such file/i, "unreadable", "there is no such file", "See whether it was moved", false],
  [/Input\/output error/i, "unreadable", "the disk gave an error", "See to the disk", false],
  [
    /moov atom not found/i,
    "incomplete-metadata",
    "its index (the moov box) is missing, as when a recording or download was cut off",
    COPY_AGAIN,
    false,
  ],
  [
    /Invalid data found|Invalid argument|End of file|could not find codec/i,
    "not-a-video",
    "its content is no video that ffmpeg knows",
    "Leave it out, or convert it to mp4 or mkv where players show it",
    true,
  ],
];

/** How messages name a video, and where ffmpeg was told that it lies. */
export interface NamedPath {
  readonly name: string;
  readonly path: string;
}

/**
 * @param errorText what ffprobe printed; its last line is quoted.
 * @param head the first bytes of the file.
 */
export function probeFailure(
  errorText: string,
  { name, path }: NamedPath,
  head: Uint8Array,
  maxPixels: number,
): InputError {
  const byContent = contentFailure(name, head);
  if (byContent !== undefined) return byContent;
  const size = TOO_MANY_PIXELS.exec(errorText)?.[1];
  if (size !== undefined) return tooManyPixelsError(size, name, maxPixels);
  const detail = lastLine(errorText, path);
  for (const [pattern, ...cause] of BY_MESSAGE) {
    if (cause[0] === "incomplete-metadata" && contentKind(head) !== "mp4") continue;
    if (pattern.test(errorText)) return refusal(cause, `${name} (${detail})`);
  }
  // Said at a lower level than errors: of sound in xHE-AAC, for one.
  if (errorText.trim() === "") {
    const why = "ffprobe cannot open a stream of it, perhaps one of sound";
    return refusal(
      [
        "unreadable",
        why,
        "Copy its pictures alone into another file: ffmpeg -i IN -map 0:v -c copy OUT",
        false,
      ],
      name,
    );
  }
  return refusal(["unreadable", "ffprobe refused it", "Get an undamaged copy", false], `${name} (${detail})`);
}

/** Why a file is no video by its first bytes alone, or undefined. */
export function contentFailure(name: string, head: Uint8Array): InputError | undefined {
  const cause = BY_CONTENT[contentKind(head)];
  return cause === undefined ? undefined : refusal(cause, name);
}

function refusal([reason, why, remedy, skipped]: Cause, subject: string): InputError {
  return new InputError(reason, `Cannot read a video as ${why}: ${subject}. ${remedy}`, { skipped });
}

export function emptyVideoError(name: string): InputError {
  return refusal(["empty-file", "it has no bytes", COPY_AGAIN, true], name);
}

/**
 * How ffmpeg and ffprobe say that reading the input failed below them. They then end as if the video did: what they gave
 * until there looks whole. Files that are cut off print none of these.
 */
const READING_FAILED =
  /(?:\] file:.*|Error during demuxing|Error opening input): Input\/output error|\] Read error$/m;

/** What keeps the bytes of a video from being read, said by whoever read them. */
export function bytesFailure(name: string, cause: unknown): InputError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new InputError(
    "unreadable",
    `Cannot read a video as its bytes could not be read: ${name} (${why})`,
    { cause },
  );
}

/** What a run's messages tell of a disk that failed under it, or undefined. */
export function diskFailure(errorText: string, name: string): InputError | undefined {
  const why = "the disk gave an error in the middle of it";
  const cause: Cause = ["unreadable", why, "Check the disk, then run again", false];
  return READING_FAILED.test(errorText) ? refusal(cause, name) : undefined;
}

/** ffprobe gave up among the packets of a file whose header it had read. */
export function packetFailure(errorText: string, { name, path }: NamedPath): InputError {
  const why = "ffprobe failed in the middle of it";
  return refusal(
    ["unreadable", why, "Get an undamaged copy", false],
    `${name} (${lastLine(errorText, path)})`,
  );
}

/** ffmpeg or ffprobe did not end by itself. */
export function crashError(signal: string | null, name: string): InputError {
  return new InputError(
    "ffmpeg-crashed",
    `Cannot finish with a video as ffmpeg was ended by ${signal ?? "a signal"}: ${name}. ` +
      "Where the machine was out of memory, lower --concurrency or --max-pixels; else update ffmpeg.",
  );
}

/** The last thing that ffmpeg complained of. */
export function lastLine(errorText: string, path: string): string {
  return plain(errorText.trim().split("\n").at(-1) ?? "", path);
}

/** The first thing that ffmpeg complained of: often the cause of the rest. */
export function firstLine(errorText: string, path = ""): string {
  return plain(errorText.trim().split("\n")[0] ?? "", path);
}

/** Without addresses of memory, levels and the path. */
function plain(line: string, path: string): string {
  const text = line.replace(/\[[^\]]*@ 0x[0-9a-f]+\] */g, "").replace(/\[(error|fatal)\] */g, "");
  return text.replace(`file:${path}: `, "").slice(0, 300) || "no message";
}
