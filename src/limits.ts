// How much of a machine one video may take. Files of a few kilobytes can claim frames of gigabytes or clips by the million,
// and ffmpeg can stand still for ever: each limit has a default that no ordinary video reaches, and the option that its
// message names.

export interface MediaLimits {
  /** Pixels of a frame: `--max-pixels`. An 8K frame has 33 million. */
  readonly maxPixels: number;
  /** Frames of a video: `--max-frames-per-video`. Their times are held in memory. */
  readonly maxFrames: number;
  /** A process that shows no sign of life for so long is ended: `--ffmpeg-idle-timeout-s`. */
  readonly idleSeconds: number;
  /** A process that runs for so long is ended: `--ffmpeg-timeout-s`. A video takes several, one after another or side by side. */
  readonly wallSeconds: number;
}

export const DEFAULT_MEDIA_LIMITS: MediaLimits = {
  maxPixels: 1 << 26,
  // 77 hours at 30 per second; the times of so many frames take 64 MiB.
  maxFrames: 1 << 23,
  idleSeconds: 120,
  wallSeconds: 6 * 3600,
};

/** `--max-clips-per-video`: more than two days at 10 seconds. */
export const DEFAULT_MAX_CLIPS_PER_VIDEO = 20_000;
