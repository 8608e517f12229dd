// Whether the audio of a source can be copied into an mp4, or must be encoded again. Copying keeps it bit for bit; mp4
// has no place for PCM, and for Vorbis only one that few players know.

const MP4_AUDIO_CODECS = new Set(["aac", "mp3", "mp2", "ac3", "eac3", "opus", "alac", "flac"]);

export type AudioTreatment = "none" | "copy" | "encode";

export function audioTreatment(audioCodec: string | null): AudioTreatment {
  if (audioCodec === null) return "none";
  return MP4_AUDIO_CODECS.has(audioCodec) ? "copy" : "encode";
}
