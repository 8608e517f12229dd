// The builtin encoder as an ONNX graph with analytic weights: a fingerprint of a frame for near-duplicate search.
// Four groups, each normalised to its share of the vector: low frequencies of luma and of chroma under a window (cosine
// bases), the pattern of Gabor energies over a grid, and the mean brightness as a point on a half circle.
// The trap: raw energies and means are positive and would bring every pair near 1, so each group is centred first.
import { GraphBuilder } from "./onnx_file.ts";

/** Free numbers of the design; models/README.md has the measurements that chose them. */
export interface Design {
  readonly size: number;
  readonly lumaOrders: number;
  readonly lumaCutoff: number;
  readonly lumaSlope: number;
  readonly chromaOrders: number;
  readonly chromaCutoff: number;
  readonly chromaSlope: number;
  readonly windowFloor: number;
  readonly wavelengths: readonly number[];
  readonly orientations: number;
  readonly gridRows: number;
  readonly gridColumns: number;
  /** Pixels at the border that no texture filter is centred on. */
  readonly textureMargin: number;
  /** Amplitude of a wave, on the scale 0..1, below which texture fades out. */
  readonly energyFloor: number;
  /** How much less the cells at the border weigh: the power of a sine. */
  readonly cellPower: number;
  /** Share of the squared length of each group. */
  readonly shares: {
    readonly luma: number;
    readonly chroma: number;
    readonly texture: number;
    readonly brightness: number;
  };
  /** Contrast, in units of the pixel scale 0..1, below which a group fades out instead of growing noise. */
  readonly lumaContrast: number;
  readonly chromaContrast: number;
  readonly textureContrast: number;
}

export const design: Design = {
  size: 128,
  lumaOrders: 12,
  lumaCutoff: 5,
  lumaSlope: 0.5,
  chromaOrders: 8,
  chromaCutoff: 4,
  chromaSlope: 0.5,
  windowFloor: 0,
  wavelengths: [16, 8],
  orientations: 4,
  gridRows: 5,
  gridColumns: 6,
  textureMargin: 14,
  energyFloor: 0.02,
  cellPower: 1,
  shares: { luma: 0.42, chroma: 0.28, texture: 0.25, brightness: 0.05 },
  lumaContrast: 0.02,
  chromaContrast: 0.03,
  textureContrast: 0.25,
};

/** 142 of luma, 128 of chroma, 240 of texture and 2 of brightness. */
export const dimension = 512;

export function buildModel(d: Design): Uint8Array {
  const graph = new GraphBuilder();
  const rgb = "pixel_values";
  // BT.601 luma and colour differences; the colour differences run from -0.5 to 0.5. Matrix products throughout: every
  // runtime has them fast, while convolutions of this size take seconds to compile on some.
  const flat = graph.node("rgb_flat", "Reshape", [
    rgb,
    graph.integers("flat_shape", [-1, 3, d.size * d.size]),
  ]);
  const mixed = graph.node("yuv_flat", "MatMul", [
    graph.weights(
      "yuv_of_rgb",
      [3, 3],
      [0.299, 0.587, 0.114, -0.168736, -0.331264, 0.5, 0.5, -0.418688, -0.081312],
    ),
    flat,
  ]);
  const yuv = graph.node("yuv", "Reshape", [mixed, graph.integers("picture_shape", [-1, 3, d.size, d.size])]);
  const luma = slice(graph, "luma", yuv, 1, 0, 1);
  const chroma = slice(graph, "chroma", yuv, 1, 1, 3);
  const lumaAll = cosineGroup(graph, d, "luma", luma, 1, d.lumaOrders, d.lumaCutoff, d.lumaSlope, false);
  // The first is the mean, which brightness carries; the last, of the highest order, is below any threshold.
  const lumaPart = slice(graph, "luma_kept", lumaAll, 1, 1, d.lumaOrders ** 2 - 1);
  const chromaPart = cosineGroup(
    graph,
    d,
    "chroma",
    chroma,
    2,
    d.chromaOrders,
    d.chromaCutoff,
    d.chromaSlope,
    true,
  );
  const texturePart = textureGroup(graph, d, luma);
  const brightnessPart = brightnessGroup(graph, d, luma);
  const parts = [
    normalized(graph, "luma", lumaPart, d.shares.luma, d.lumaContrast),
    normalized(graph, "chroma", chromaPart, d.shares.chroma, d.chromaContrast),
    normalized(graph, "texture", texturePart, d.shares.texture, d.textureContrast),
    brightnessPart,
  ];
  graph.node("image_embeds", "Concat", parts, { axis: 1 });
  return graph.build(
    "clipsieve_builtin",
    "Near-duplicate fingerprint with analytic weights, by models/builtin/generate.ts. Apache-2.0.",
    { name: rgb, dims: ["batch", 3, d.size, d.size] },
    { name: "image_embeds", dims: ["batch", dimension] },
  );
}

/** Raised cosine with a floor: what lies at the border counts little, as crops and logos change it first. */
function windowOf(d: Design): readonly number[] {
  return Array.from(
    { length: d.size },
    (_, i) => d.windowFloor + (1 - d.windowFloor) * Math.sin((Math.PI * (i + 0.5)) / d.size) ** 2,
  );
}

/** Rows of windowed cosines; all but the first sum to zero, so that a flat picture yields nothing in them. */
function cosineBasis(d: Design, orders: number): readonly (readonly number[])[] {
  const window = windowOf(d);
  const total = window.reduce((sum, value) => sum + value, 0);
  return Array.from({ length: orders }, (_, order) => {
    const row = window.map((value, i) => value * Math.cos((Math.PI * order * (i + 0.5)) / d.size));
    const sum = row.reduce((s, value) => s + value, 0);
    const centred = order === 0 ? row : row.map((value, i) => value - (sum / total) * window[i]!);
    // Unit response to a picture that is the cosine itself.
    const length = Math.sqrt(centred.reduce((s, value, i) => s + value ** 2 / window[i]!, 0) * total);
    return centred.map((value) => value / length);
  });
}

function cosineGroup(
  graph: GraphBuilder,
  d: Design,
  name: string,
  source: string,
  planes: number,
  orders: number,
  cutoff: number,
  slope: number,
  keepMean: boolean,
): string {
  const basis = cosineBasis(d, orders);
  const rows = graph.weights(`${name}_basis_rows`, [orders, d.size], basis.flat());
  const columns = graph.weights(`${name}_basis_columns`, [d.size, orders], transposeEach(basis, orders));
  // Natural pictures fall off with frequency: the slope lifts them back, the Gaussian keeps what survives small shifts.
  const gains = Array.from({ length: orders * orders }, (_, i) => {
    const frequency = Math.hypot(Math.floor(i / orders), i % orders) / 2;
    if (frequency === 0) return keepMean ? 0.5 ** slope : 0;
    return frequency ** slope * Math.exp(-0.5 * (frequency / cutoff) ** 2);
  });
  const byRows = graph.node(`${name}_by_rows`, "MatMul", [rows, source]);
  const spectrum = graph.node(`${name}_spectrum`, "MatMul", [byRows, columns]);
  const weighted = graph.node(`${name}_weighted`, "Mul", [
    spectrum,
    graph.weights(`${name}_gains`, [1, 1, orders, orders], gains),
  ]);
  return graph.node(`${name}_features`, "Reshape", [
    weighted,
    graph.integers(`${name}_shape`, [-1, planes * orders * orders]),
  ]);
}

/** Pattern of Gabor energies: their logarithms in each cell, less the mean over cells and orientations of a scale. */
function textureGroup(graph: GraphBuilder, d: Design, luma: string): string {
  const bands = d.wavelengths.flatMap((wavelength) =>
    Array.from({ length: d.orientations }, (_, o) => ({ wavelength, angle: (Math.PI * o) / d.orientations })),
  );
  const positions = positionsOf(d).length;
  // A round Gabor filter is the product of one along x and one along y, as complex numbers: four real matrix products.
  const alongY = bands.flatMap(({ wavelength, angle }) => waveRows(d, wavelength, Math.sin(angle)));
  const alongX = bands.flatMap(({ wavelength, angle }) => waveRows(d, wavelength, Math.cos(angle)));
  const responses = graph.node("gabor", "MatMul", [
    graph.node("gabor_rows", "MatMul", [
      graph.weights("gabor_y", [bands.length, 2 * positions, d.size], alongY.flat()),
      luma,
    ]),
    graph.weights("gabor_x", [bands.length, d.size, 2 * positions], transposeEach(alongX, 2 * positions)),
  ]);
  const upper = slice(graph, "cosine_y", responses, 2, 0, positions);
  const lower = slice(graph, "sine_y", responses, 2, positions, 2 * positions);
  const part = (name: string, half: string, sine: boolean) =>
    slice(graph, name, half, 3, sine ? positions : 0, sine ? 2 * positions : positions);
  const real = graph.node("real", "Sub", [
    part("cosine_cosine", upper, false),
    part("sine_sine", lower, true),
  ]);
  const imaginary = graph.node("imaginary", "Add", [
    part("cosine_sine", upper, true),
    part("sine_cosine", lower, false),
  ]);
  const energyMap = graph.node("energy_map", "Add", [
    graph.node("real_square", "Mul", [real, real]),
    graph.node("imaginary_square", "Mul", [imaginary, imaginary]),
  ]);
  const byRows = graph.node("cell_rows", "MatMul", [
    graph.weights("grid_rows", [d.gridRows, positions], gridWindows(positions, d.gridRows).flat()),
    energyMap,
  ]);
  const cells = graph.node("cells", "MatMul", [
    byRows,
    graph.weights(
      "grid_columns",
      [positions, d.gridColumns],
      transposeEach(gridWindows(positions, d.gridColumns), d.gridColumns),
    ),
  ]);
  const cellCount = d.gridRows * d.gridColumns;
  const energy = graph.node("energy", "Reshape", [
    cells,
    graph.integers("energy_shape", [-1, d.wavelengths.length, d.orientations, cellCount]),
  ]);
  // The floor keeps what is flat, or what a low bit rate flattens, from counting as texture.
  const lifted = graph.node("lifted", "Add", [
    energy,
    graph.weights("energy_floor", [1, 1, 1, 1], [d.energyFloor ** 2]),
  ]);
  const logs = graph.node("log_energy", "Log", [lifted]);
  const logMean = graph.node("log_mean", "ReduceMean", [logs], { axes: [2, 3], keepdims: 1 });
  const centred = graph.node("texture_centred", "Sub", [logs, logMean]);
  // Divided by the root of the count, so that `textureContrast` is a deviation of the logarithms.
  const scaled = graph.node("texture_scaled", "Mul", [
    centred,
    graph.weights(
      "texture_scale",
      [1, 1, 1, cellCount],
      cellWeights(d).map((weight) => weight / Math.sqrt(bands.length * cellCount)),
    ),
  ]);
  return graph.node("texture_features", "Reshape", [
    scaled,
    graph.integers("texture_shape", [-1, bands.length * cellCount]),
  ]);
}

/** Centres of the filters along one axis: every fourth pixel, away from the border. */
function positionsOf(d: Design): readonly number[] {
  const count = Math.floor((d.size - 2 * d.textureMargin) / 4);
  return Array.from({ length: count }, (_, i) => d.size / 2 + (i - (count - 1) / 2) * 4 - 0.5);
}

/**
 * One axis of a Gabor filter at every position: rows of cosines, then rows of sines, under a Gaussian. `direction` is the
 * share of the frequency along this axis. Where there is any, rows sum to zero, so that the product ignores a constant.
 */
function waveRows(d: Design, wavelength: number, direction: number): readonly (readonly number[])[] {
  const frequency = Math.abs(direction) < 1e-9 ? 0 : direction / wavelength;
  const sigma = wavelength * 0.5;
  const rows = [0, Math.PI / 2].map((phase) =>
    positionsOf(d).map((center) => {
      const envelope = Array.from({ length: d.size }, (_, i) => Math.exp(-0.5 * ((i - center) / sigma) ** 2));
      const sum = envelope.reduce((total, value) => total + value, 0);
      const wave = envelope.map(
        (value, i) => (value / sum) * Math.cos(2 * Math.PI * frequency * (i - center) - phase),
      );
      if (frequency === 0) return wave;
      const mean = wave.reduce((total, value) => total + value, 0);
      return wave.map((value, i) => value - (mean * envelope[i]!) / sum);
    }),
  );
  return rows.flat();
}

/** Cells at the border weigh less. */
function cellWeights(d: Design): readonly number[] {
  const along = (count: number, index: number) => Math.sin((Math.PI * (index + 0.5)) / count) ** d.cellPower;
  return Array.from(
    { length: d.gridRows * d.gridColumns },
    (_, i) => along(d.gridRows, Math.floor(i / d.gridColumns)) * along(d.gridColumns, i % d.gridColumns),
  );
}

/** Rows in blocks of `rowsPerBlock`, each block transposed, as one flat list. */
function transposeEach(rows: readonly (readonly number[])[], rowsPerBlock: number): readonly number[] {
  const values: number[] = [];
  for (let first = 0; first < rows.length; first += rowsPerBlock) {
    for (let column = 0; column < rows[first]!.length; column++) {
      for (let row = 0; row < rowsPerBlock; row++) values.push(rows[first + row]![column]!);
    }
  }
  return values;
}

function slice(
  graph: GraphBuilder,
  name: string,
  source: string,
  axis: number,
  from: number,
  to: number,
): string {
  return graph.node(name, "Slice", [
    source,
    graph.integers(`${name}_from`, [from]),
    graph.integers(`${name}_to`, [to]),
    graph.integers(`${name}_axis_of_slice`, [axis]),
  ]);
}

/** Overlapping raised-cosine windows that share `positions` between `cells`; each sums to 1. */
function gridWindows(positions: number, cells: number): readonly (readonly number[])[] {
  return Array.from({ length: cells }, (_, cell) => {
    const center = ((cell + 0.5) * positions) / cells - 0.5;
    const reach = (1.5 * positions) / cells;
    const values = Array.from({ length: positions }, (_, i) => {
      const distance = Math.abs(i - center) / reach;
      return distance < 1 ? Math.cos((Math.PI / 2) * distance) ** 2 : 0;
    });
    const sum = values.reduce((total, value) => total + value, 0);
    return values.map((value) => value / sum);
  });
}

/** Mean luma L as (cos, sin) of pi L: never zero, and black, grey and white point apart. */
function brightnessGroup(graph: GraphBuilder, d: Design, luma: string): string {
  const window = windowOf(d);
  const total = window.reduce((sum, value) => sum + value, 0);
  const weights = window.map((value) => value / total);
  const square = graph.node("luma_mean_square", "MatMul", [
    graph.node("luma_mean_rows", "MatMul", [graph.weights("mean_rows", [1, d.size], weights), luma]),
    graph.weights("mean_columns", [d.size, 1], weights),
  ]);
  const mean = graph.node("luma_mean", "Reshape", [square, graph.integers("mean_shape", [-1, 1])]);
  const angle = graph.node("brightness_angle", "Mul", [mean, graph.weights("pi", [1, 1], [Math.PI])]);
  const share = graph.weights("brightness_share", [1, 1], [Math.sqrt(d.shares.brightness)]);
  const cos = graph.node("brightness_cos", "Cos", [angle]);
  const sin = graph.node("brightness_sin", "Sin", [angle]);
  return graph.node("brightness_part", "Mul", [
    graph.node("brightness_point", "Concat", [cos, sin], { axis: 1 }),
    share,
  ]);
}

/** `x * sqrt(share) / sqrt(|x|^2 + contrast^2)`. */
function normalized(
  graph: GraphBuilder,
  name: string,
  part: string,
  share: number,
  contrast: number,
): string {
  const squares = graph.node(`${name}_squares`, "Mul", [part, part]);
  const sum = graph.node(`${name}_sum`, "ReduceSum", [squares, graph.integers(`${name}_axis`, [1])], {
    keepdims: 1,
  });
  const guarded = graph.node(`${name}_guarded`, "Add", [
    sum,
    graph.weights(`${name}_contrast`, [1, 1], [contrast ** 2]),
  ]);
  const length = graph.node(`${name}_length`, "Sqrt", [guarded]);
  const unit = graph.node(`${name}_unit`, "Div", [part, length]);
  return graph.node(`${name}_part`, "Mul", [
    unit,
    graph.weights(`${name}_share`, [1, 1], [Math.sqrt(share)]),
  ]);
}
