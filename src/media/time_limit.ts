// How an engine says that a run of ffmpeg took too long.
import { InputError } from "../errors.ts";

/**
 * @param subject what the run was for: the name of a video.
 * @param why what it did, and for how long.
 * @param option that sets the limit.
 */
export function timeoutError(subject: string, why: string, option: string): InputError {
  const message = `Cannot finish with a video as ffmpeg ${why}: ${subject}. Where that is too short, raise ${option}.`;
  return new InputError("timeout", message);
}

/** @param seconds the limit. */
export function wallTimeError(subject: string, seconds: number): InputError {
  return timeoutError(subject, `took longer than ${seconds} s`, "--ffmpeg-timeout-s");
}
