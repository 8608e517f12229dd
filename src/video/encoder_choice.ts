// Which encoder writes the clips: the one asked for, when it works, or the best that works. Working means that pictures
// were really encoded with it on this machine; h264_nvenc is listed by ffmpeg on machines that cannot run it.
import { MediaEngineError } from "../errors.ts";
import { COPY } from "../media/encoder_options.ts";
import type { EncoderInfo, MediaEngine } from "../media/engine.ts";

/** Fastest first, among those that NeMo Curator names. */
export const AUTO_ENCODERS: readonly string[] = ["h264_nvenc", "libx264", "libopenh264", "libvpx-vp9"];

/** @param asked name of an encoder, "auto", or "copy", which is none and always works. Rejects with MediaEngineError when none works. */
export async function chooseEncoder(
  engine: Pick<MediaEngine, "encoders" | "version" | "autoEncoders">,
  asked: string,
): Promise<string> {
  if (asked === COPY) return COPY;
  const tried: EncoderInfo[] = [];
  for (const name of asked === "auto" ? (engine.autoEncoders ?? AUTO_ENCODERS) : [asked]) {
    const [info] = await engine.encoders([name]);
    if (info?.works) return name;
    tried.push(info ?? { name, works: false, reason: "not known" });
  }
  const reasons = tried.map(({ name, reason }) => `${name} (${reason ?? "no reason given"})`).join(", ");
  const remedy =
    asked === "auto"
      ? "Install an ffmpeg with libx264 or libvpx-vp9 (Debian and Ubuntu: apt-get install ffmpeg), or use --no-upload-clips to write no clips."
      : "Use --transcode-encoder auto, or an encoder that `clipsieve doctor` lists as working.";
  throw new MediaEngineError(
    `Cannot encode clips as no encoder asked for works with ${engine.version}: ${reasons}. ${remedy}`,
  );
}
