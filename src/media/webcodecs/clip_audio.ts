// How the sound of a source gets into clips: copied where an mp4 can hold it, else encoded with what the browser has, else
// left out.
import type { AudioCodec, InputAudioTrack } from "mediabunny";
import { audioTreatment } from "../audio_track.ts";
import { loadMediabunny } from "./open_video.ts";

export interface ClipAudio {
  readonly kind: "copy" | "encode";
  readonly track: InputAudioTrack;
  /** Of the clips. */
  readonly codec: AudioCodec;
}

/** @param name of the source's codec, as ffmpeg has it. */
export async function chooseClipAudio(
  track: InputAudioTrack | null,
  name: string | null,
): Promise<ClipAudio | null> {
  const codec = (await track?.getCodec()) ?? null;
  if (track === null || codec === null) return null;
  if (audioTreatment(name) === "copy") return { kind: "copy", track, codec };
  if (!(await track.canDecode())) return null;
  const { getFirstEncodableAudioCodec } = await loadMediabunny();
  const encodable = await getFirstEncodableAudioCodec(["aac", "opus"]);
  return encodable === null ? null : { kind: "encode", track, codec: encodable };
}
