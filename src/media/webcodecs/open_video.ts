// Opens the bytes of a video with mediabunny, which reads containers in the browser and fetches no more of a Blob than it
// is asked for. The library is loaded when the first video is opened. HLS is left out of the formats: a playlist would make
// the page fetch what it names.
import type { InputAudioTrack, InputVideoTrack } from "mediabunny";
import { InputError, UsageError } from "../../errors.ts";
import { CONTENT_HEAD_BYTES } from "../content_kind.ts";
import type { MediaSource } from "../engine.ts";
import { contentFailure, emptyVideoError } from "../probe_failure.ts";

export type Mediabunny = typeof import("mediabunny");

export interface OpenedVideo {
  readonly library: Mediabunny;
  /** For messages. */
  readonly name: string;
  readonly video: InputVideoTrack;
  readonly audio: InputAudioTrack | null;
  /** Whether times before zero are never shown: what an mp4's edit list leaves out. */
  readonly startsAtZero: boolean;
  close(): void;
}

/** Where an mp4's index is looked for. */
const INDEX_BYTES = 1 << 20;

let loading: Promise<Mediabunny> | undefined;

export async function loadMediabunny(): Promise<Mediabunny> {
  loading ??= import("mediabunny").then((library) => {
    library.Logging.level = library.LogLevel.Errors;
    return library;
  });
  return await loading;
}

/** Rejects with InputError empty-file, not-a-video, incomplete-metadata or no-video-stream. */
export async function openVideo(source: MediaSource): Promise<OpenedVideo> {
  if (source.kind === "file") {
    throw new UsageError(
      `Cannot open a video by its path as browsers have no files: ${source.path}. Give its Blob or its bytes.`,
    );
  }
  const { name } = source;
  const blob = source.kind === "blob" ? source.blob : new Blob([source.bytes as BlobPart]);
  if (blob.size === 0) throw emptyVideoError(name);
  const refused = contentFailure(name, await bytesOf(blob.slice(0, CONTENT_HEAD_BYTES)));
  if (refused !== undefined) throw refused;
  const library = await loadMediabunny();
  const { MP4, QTFF, MATROSKA, WEBM, MPEG_TS, OGG } = library;
  const input = new library.Input({
    formats: [MP4, QTFF, MATROSKA, WEBM, MPEG_TS, OGG],
    source: new library.BlobSource(blob),
  });
  try {
    const { videos, audios, format } = await tracksOf(input, name, blob);
    const isIsobmff = format instanceof library.IsobmffInputFormat;
    const video = await preferred(videos);
    if (video === undefined) throw noVideo(name, isIsobmff && audios.length === 0);
    return {
      ...{ library, name, video, audio: (await preferred(audios)) ?? null },
      startsAtZero: isIsobmff,
      close: () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    throw error;
  }
}

async function tracksOf(input: InstanceType<Mediabunny["Input"]>, name: string, blob: Blob) {
  if (!(await input.canRead())) {
    throw new InputError(
      "not-a-video",
      `Cannot read a video as its content is no container that is read in browsers: ${name}. ` +
        "Those are MP4, QuickTime, Matroska, WebM, MPEG-TS and Ogg.",
      { skipped: true },
    );
  }
  try {
    const [videos, audios, format] = await Promise.all([
      input.getVideoTracks(),
      input.getAudioTracks(),
      input.getFormat(),
    ]);
    return { videos, audios, format };
  } catch (cause) {
    if (await namesEncryption(blob)) throw encryptedError(name);
    throw new InputError(
      "incomplete-metadata",
      `Cannot read a video as its index is damaged: ${name} (${messageOf(cause)}). Download or copy it again`,
      { cause },
    );
  }
}

export function encryptedError(name: string): InputError {
  return new InputError("encrypted", `Cannot split a video as it is encrypted: ${name}. Decrypt it first.`, {
    skipped: true,
  });
}

/** mediabunny gives up on indexes of some encrypted mp4 files. These lie at either end, and their entries are of type encv. */
async function namesEncryption(blob: Blob): Promise<boolean> {
  for (const end of [blob.slice(0, INDEX_BYTES), blob.slice(-INDEX_BYTES)]) {
    const text = new TextDecoder("latin1").decode(await bytesOf(end));
    if (text.includes("encv") && text.includes("sinf")) return true;
  }
  return false;
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

function noVideo(name: string, hasNoTracks: boolean): InputError {
  return hasNoTracks
    ? new InputError(
        "incomplete-metadata",
        `Cannot read a video as its index (the moov box) is missing, as when a recording or download was cut off: ${name}. Download or copy it again`,
      )
    : new InputError(
        "no-video-stream",
        `Cannot split a file as it has no video stream: ${name}. Leave it out`,
        {
          skipped: true,
        },
      );
}

async function preferred<T extends InputVideoTrack | InputAudioTrack>(
  tracks: readonly T[],
): Promise<T | undefined> {
  for (const track of tracks) {
    if ((await track.getDisposition()).default) return track;
  }
  return tracks[0];
}

export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
