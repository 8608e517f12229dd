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
  [/Picture size \d+x\d+ is invalid/i, "limit-pixels", "its frames have too many pixels", false],
  [
    /Invalid data found|Invalid argument|End of file|could not find codec/i,
    "not-a-video",
    "its content is no video that ffmpeg knows",
    true,
  ],
];

/** @param errorText what ffprobe printed; its last line is quoted. */
export function probeFailure(errorText: string, name: string): InputError {
  const detail = lastLine(errorText, name);
  for (const [pattern, reason, why, skipped] of CAUSES) {
    if (pattern.test(errorText)) {
      return new InputError(reason, `Cannot read a video as ${why}: ${name} (${detail})`, { skipped });
    }
  }
  return new InputError("unreadable", `Cannot read a video as ffprobe refused it: ${name} (${detail})`);
}

/** The last thing that ffmpeg complained of, without addresses of memory and the path. */
export function lastLine(errorText: string, name: string): string {
  const line = errorText.trim().split("\n").at(-1) ?? "";
  const plain = line
    .replace(/\[[^\]]*@ 0x[0-9a-f]+\] */g, "")
    .replace(/\[(error|fatal)\] */g, "")
    .replace(`file:${name}: `, "");
  return plain.slice(0, 300) || "no message";
}
