// Why ffprobe refused a file, as a stable reason: read from its messages, which have stayed the same since version 4.
import { InputError, type ReasonCode } from "../errors.ts";

const CAUSES: readonly (readonly [pattern: RegExp, reason: ReasonCode, why: string, skipped: boolean])[] = [
  [/not on whitelist/i, "not-a-video", "its content is a playlist or a format that is not read", true],
  [/Permission denied/i, "unreadable", "permission was denied", false],
  [/No such file/i, "unreadable", "there is no such file", false],
  [
    /moov atom not found/i,
    "incomplete-metadata",
    "its index (the moov box) is missing, as when a recording or download was cut off",
    false,
  ],
  [/Picture size \d+x\d+ (is invalid|exceeds)/i, "limit-pixels", "its frames have too many pixels", false],
  [
    /Invalid data found|Invalid argument|End of file|could not find codec/i,
    "not-a-video",
    "its content is no video that ffmpeg knows",
    true,
  ],
];

/**
 * @param errorText what ffprobe printed; its last line is quoted.
 * @param head the first bytes of the file: by its name alone a playlist or noise can pass for an mp4 without an index.
 */
export function probeFailure(errorText: string, name: string, head: Uint8Array): InputError {
  if (beginsAsText(head)) {
    return new InputError(
      "not-a-video",
      `Cannot read a video as its content is text, such as a playlist: ${name}`,
      {
        skipped: true,
      },
    );
  }
  const detail = lastLine(errorText, name);
  for (const [pattern, reason, why, skipped] of CAUSES) {
    if (reason === "incomplete-metadata" && !FIRST_BOXES.has(boxType(head))) continue;
    if (pattern.test(errorText)) {
      return new InputError(reason, `Cannot read a video as ${why}: ${name} (${detail})`, { skipped });
    }
  }
  return new InputError("unreadable", `Cannot read a video as ffprobe refused it: ${name} (${detail})`);
}

/** Types of the boxes that an mp4 or QuickTime file may begin with. */
const FIRST_BOXES = new Set("ftyp styp moov moof mdat free skip wide pnot sidx uuid".split(" "));

function beginsAsText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

function boxType(head: Uint8Array): string {
  return String.fromCharCode(...head.subarray(4, 8));
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
