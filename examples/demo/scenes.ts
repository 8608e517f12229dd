// What the demo's videos show: ffmpeg filter graphs, each a source of moving pictures of one size and rate. Scenes are
// meant to differ in layout, colour and texture, so that no two clips are near-duplicates unless planted as such.

export interface Scene {
  readonly size: string;
  readonly rate: string;
  readonly seconds: number;
}

/** A filter graph with one unlabelled video output. Labels inside must be unique: `id` keeps them so. */
export type Paint = (scene: Scene, id: string) => string;

const box = (scene: Scene): string => `s=${scene.size}:r=${scene.rate}:d=${scene.seconds}`;

/** A square of one colour that swings over a picture, `share` of its height wide. */
function swing(picture: string, colour: string, share: number, speed: number): Paint {
  return (scene, id) => {
    const side = 2 * Math.round((Number(scene.size.split("x")[1]) * share) / 2);
    const path = `x=(W-w)/2*(1+sin(${speed}*t)):y=(H-h)/2*(1+cos(${speed}*0.7*t))`;
    return `${picture.replace("BOX", box(scene))}[${id}p];color=${colour}:s=${side}x${side}:r=${scene.rate}:d=${scene.seconds}[${id}s];[${id}p][${id}s]overlay=${path}`;
  };
}

/** A picture as its generator makes it, changed by further filters. */
const plain =
  (picture: string, ...filters: readonly string[]): Paint =>
  (scene) =>
    [picture.replace("BOX", box(scene)), ...filters].join(",");

/** A generator that has no duration option, or paints slowly: made at `size`, then enlarged. */
const enlarged =
  (picture: string, size: string, ...filters: readonly string[]): Paint =>
  (scene) =>
    [
      `${picture.replace("BOX", `s=${size}:r=${scene.rate}`)},trim=duration=${scene.seconds}`,
      ...filters,
      `scale=${scene.size.replace("x", ":")}:flags=neighbor`,
    ].join(",");

export type SceneName =
  | "barsAndBall"
  | "barsAcross"
  | "fractal"
  | "fractalNight"
  | "colony"
  | "automaton"
  | "sunrise"
  | "whirl"
  | "testCard"
  | "oldTestCard"
  | "phoneStreet"
  | "phoneSquares"
  | "dropsOnGrey"
  | "dropsOnBlue"
  | "spectrum"
  | "primaries"
  | "chart"
  | "ramps";

export const scenes: Readonly<Record<SceneName, Paint>> = {
  barsAndBall: swing("smptehdbars=BOX", "white", 0.3, 1.7),
  barsAcross: swing("pal100bars=BOX,hue=h=140:s=0.6,vflip,transpose=1,scale=640:360", "black", 0.45, 1.1),
  fractal: enlarged("mandelbrot=BOX:maxiter=250:end_scale=0.02:end_pts=300", "240x180"),
  fractalNight: enlarged(
    "mandelbrot=BOX:maxiter=250:start_x=-0.1:start_y=0.85:start_scale=1.2:end_scale=0.3:end_pts=300",
    "240x180",
    "negate",
    "hue=h=90",
  ),
  colony: enlarged(
    "life=BOX:mold=20:random_seed=11:ratio=0.3:life_color=#ff2080:death_color=#200040:mold_color=#4060ff",
    "64x48",
  ),
  automaton: enlarged(
    "cellauto=BOX:rule=110:random_seed=7:scroll=1:full=1",
    "80x60",
    "format=yuv420p",
    "eq=contrast=0.4:brightness=0.25",
    "hue=h=30",
    "colorchannelmixer=rr=0.2:gg=1:bb=0.1",
  ),
  sunrise: plain("gradients=BOX:c0=#ff8000:c1=#200050:n=2:x0=0:y0=0:x1=0:y1=479:seed=3:speed=0.004"),
  whirl: plain(
    "gradients=BOX:c0=#00ff90:c1=#003018:c2=#e0ffe0:n=3:type=spiral:x0=320:y0=240:x1=640:y1=480:seed=5:speed=0.02",
  ),
  testCard: plain("testsrc2=BOX"),
  oldTestCard: plain("testsrc=BOX", "hue=h=200", "hflip"),
  phoneStreet: swing(
    "gradients=BOX:c0=#102030:c1=#80c0ff:n=2:x0=0:y0=0:x1=639:y1=0:seed=2:speed=0.003",
    "red",
    0.5,
    1.3,
  ),
  phoneSquares: enlarged(
    "sierpinski=BOX:type=carpet:seed=4:jump=40",
    "160x90",
    "format=rgb24",
    "colorchannelmixer=rr=0.9:gg=0.3:bb=0.6",
  ),
  dropsOnGrey: swing("color=gray:BOX,drawgrid=w=48:h=48:t=6:c=black", "#ffd000", 0.6, 2.3),
  dropsOnBlue: swing("color=#0030c0:BOX,drawgrid=w=200:h=16:t=5:c=white", "#300000", 0.35, 0.9),
  spectrum: swing("colorspectrum=BOX:type=all", "#101010", 0.5, 1.5),
  primaries: swing("rgbtestsrc=BOX", "white", 0.25, 2.1),
  chart: swing("color=#603010:BOX,drawgrid=w=60:h=60:t=20:c=#c0a080", "#00c0c0", 0.4, 1.9),
  ramps: swing("yuvtestsrc=BOX,hue=h=45", "#ff00ff", 0.3, 1.2),
};
