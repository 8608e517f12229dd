// The previews of a split: asks the decode for a WebP of each window of each clip and writes them. They are held for a while,
// as a clip that a filter drops has none, and a folder of its own would stay behind empty.
import { MediaEngineError } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import type { MediaEngine, Preview, PreviewsRequest, VideoInfo } from "../media/engine.ts";
import { type FrameRange, framesInSpan } from "../media/frame_span.ts";
import type { Span } from "../types.ts";
import { clipWindows } from "../video/clip_windows.ts";
import { layout } from "./output_layout.ts";

export interface PreviewOptions {
  /** Whether windows of clips are written as animated WebP. Default false. */
  readonly generatePreviews?: boolean;
  /** Frames that a preview shows per second of the clip. Default 1. */
  readonly previewTargetFps?: number;
  /** Height of previews in pixels; lower videos keep theirs. Default 240. */
  readonly previewTargetHeight?: number;
}

export const previewDefaults: Required<PreviewOptions> = {
  generatePreviews: false,
  previewTargetFps: 1,
  previewTargetHeight: 240,
};

/** Rejects with MediaEngineError where the engine makes no WebP. */
export async function requireWebp(engine: Pick<MediaEngine, "encoders" | "version">): Promise<void> {
  const [webp] = await engine.encoders(["libwebp"]);
  if (webp?.works === true) return;
  throw new MediaEngineError(
    `Cannot generate previews as ${engine.version} does not encode WebP: libwebp (${webp?.reason ?? "not known"}). ` +
      "Install an ffmpeg with libwebp (Debian and Ubuntu: apt-get install ffmpeg), or leave --generate-previews out.",
  );
}

/** Windows of a clip that lies in a span of its video. */
export function windowsOf({ frameTimes }: Pick<VideoInfo, "frameTimes">, span: Span): FrameRange[] {
  const { first, end } = framesInSpan(frameTimes, span);
  return clipWindows(end - first);
}

export function previewPath(id: string, { first, end }: FrameRange): string {
  return layout.preview(id, first, end - 1);
}

/** Previews in memory at most; a day of video has more. */
const mostHeldBytes = 32 * 1024 * 1024;

export class ClipPreviews {
  /** What the decode must yield. */
  readonly request: PreviewsRequest;
  readonly #ids: readonly string[];
  readonly #output: Storage;
  readonly #paths = new Map<number, string[]>();
  #held: { readonly clip: number; readonly path: string; readonly data: Uint8Array }[] = [];
  #heldBytes = 0;

  constructor(
    options: Required<PreviewOptions>,
    info: VideoInfo,
    clips: readonly { readonly id: string; readonly span: Span }[],
    output: Storage,
  ) {
    this.#ids = clips.map(({ id }) => id);
    this.#output = output;
    this.request = {
      framesPerSecond: options.previewTargetFps,
      height: options.previewTargetHeight,
      windows: clips.map(({ span }) => windowsOf(info, span)),
    };
  }

  async add({ clip, window, data }: Preview): Promise<void> {
    const path = previewPath(this.#ids[clip]!, this.request.windows[clip]![window]!);
    this.#held.push({ clip, path, data });
    this.#heldBytes += data.byteLength;
    if (this.#heldBytes >= mostHeldBytes) await this.#write();
  }

  /** Writes what is left, but for clips that were dropped; what was written for those is removed. */
  async finish(dropped: ReadonlySet<number>): Promise<void> {
    for (const clip of dropped) {
      for (const path of this.pathsOf(clip)) await this.#output.delete(path);
      this.#paths.delete(clip);
    }
    this.#held = this.#held.filter(({ clip }) => !dropped.has(clip));
    await this.#write();
  }

  async #write(): Promise<void> {
    for (const { clip, path, data } of this.#held) {
      await this.#output.write(path, data);
      this.#paths.set(clip, [...this.pathsOf(clip), path]);
    }
    this.#held = [];
    this.#heldBytes = 0;
  }

  /** What was written for a clip. */
  pathsOf(clip: number): readonly string[] {
    return this.#paths.get(clip) ?? [];
  }
}
