// The demo's videos as a table: which scenes each original shows, and what was done to it for each copy. `content` names
// what is seen; videos of one content hold the same pictures at the same times.
import type { SceneName } from "./scenes.ts";

export interface Original {
  readonly path: string;
  readonly content: string;
  readonly size: string;
  readonly rate: string;
  /** Each is shown for `sceneSeconds`, one after the other. */
  readonly scenes: readonly SceneName[];
  /** Pitch of a sine, in hertz; silent where absent. */
  readonly soundHertz?: number;
  /** Stored lying on its side, with a note in the container to turn it by 90 degrees. */
  readonly turned?: true;
  /** Frames are left out at odd moments, so that the rate varies. */
  readonly variableRate?: true;
}

export interface Copy {
  readonly path: string;
  /** Path of the original that it was made from. */
  readonly from: string;
  /** What was done, for the table. */
  readonly kind: string;
  readonly filter?: string;
  /** Encoder arguments of ffmpeg. */
  readonly encode: readonly string[];
}

/** A file that yields no clip. `bytesKept`: share of the original's bytes from its start. */
export interface Unfit {
  readonly path: string;
  readonly from: string;
  readonly kind: string;
  readonly bytesKept?: number;
  readonly seconds?: number;
}

/** Scenes last as long as a clip, so that each clip shows one scene. */
export const sceneSeconds = 4;

const h264 = (crf: number): readonly string[] => [
  "-c:v",
  "libx264",
  "-preset",
  "veryfast",
  "-crf",
  String(crf),
  "-c:a",
  "copy",
];

export const originals: readonly Original[] = [
  {
    path: "bars.mp4",
    content: "bars",
    size: "640x360",
    rate: "30",
    scenes: ["barsAndBall", "barsAcross"],
    soundHertz: 440,
  },
  {
    path: "fractal.mp4",
    content: "fractal",
    size: "480x360",
    rate: "25",
    scenes: ["fractal", "fractalNight"],
    soundHertz: 220,
  },
  { path: "colony.mp4", content: "colony", size: "320x240", rate: "24", scenes: ["colony", "automaton"] },
  {
    path: "light.mov",
    content: "light",
    size: "640x480",
    rate: "30",
    scenes: ["sunrise", "whirl"],
    soundHertz: 330,
  },
  {
    path: "test card.mp4",
    content: "test card",
    size: "640x360",
    rate: "30000/1001",
    scenes: ["testCard", "oldTestCard"],
    soundHertz: 1000,
  },
  {
    path: "phone/turned.mp4",
    content: "phone",
    size: "640x360",
    rate: "30",
    scenes: ["phoneStreet", "phoneSquares"],
    soundHertz: 550,
    turned: true,
  },
  {
    path: "screen/variable rate.mkv",
    content: "drops",
    size: "512x288",
    rate: "30",
    scenes: ["dropsOnGrey", "dropsOnBlue"],
    variableRate: true,
  },
  {
    path: "screen/spectrum.mp4",
    content: "spectrum",
    size: "1280x720",
    rate: "30",
    scenes: ["spectrum"],
    soundHertz: 660,
  },
  {
    path: "screen/charts.mp4",
    content: "charts",
    size: "426x240",
    rate: "15",
    scenes: ["primaries", "chart", "ramps"],
  },
];

export const copies: readonly Copy[] = [
  {
    path: "copies/bars-logo.mp4",
    from: "bars.mp4",
    kind: "with a small logo, half seen through",
    filter:
      "drawbox=x=588:y=14:w=32:h=20:color=white@0.6:t=fill,drawbox=x=594:y=19:w=20:h=10:color=#c00000@0.6:t=fill",
    encode: h264(23),
  },
  {
    path: "copies/fractal-small.mp4",
    from: "fractal.mp4",
    kind: "resized to 320x240",
    filter: "scale=320:240",
    encode: h264(23),
  },
  {
    path: "copies/light.webm",
    from: "light.mov",
    kind: "another codec: VP9 in WebM",
    encode: [
      "-c:v",
      "libvpx-vp9",
      "-deadline",
      "realtime",
      "-cpu-used",
      "8",
      "-b:v",
      "400k",
      "-c:a",
      "libopus",
    ],
  },
  {
    path: "copies/test-card.avi",
    from: "test card.mp4",
    kind: "another codec: MPEG-4 in AVI",
    encode: ["-c:v", "mpeg4", "-q:v", "5", "-c:a", "mp2"],
  },
  {
    path: "copies/phone-upright.mp4",
    from: "phone/turned.mp4",
    kind: "turned upright, no rotation noted",
    encode: h264(26),
  },
  {
    path: "copies/spectrum-cropped.mp4",
    from: "screen/spectrum.mp4",
    kind: "cropped by 3 %",
    filter: "crop=1242:698",
    encode: h264(23),
  },
  {
    path: "copies/charts-low-bit-rate.mp4",
    from: "screen/charts.mp4",
    kind: "re-encoded at a low bit rate",
    encode: ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "40k"],
  },
];

export const unfit: readonly Unfit[] = [
  {
    path: "broken/truncated.mp4",
    from: "bars.mp4",
    kind: "cut off in the middle of a download",
    bytesKept: 0.6,
  },
  {
    path: "broken/too-short.mp4",
    from: "fractal.mp4",
    kind: "one second, shorter than the shortest clip",
    seconds: 1,
  },
];
