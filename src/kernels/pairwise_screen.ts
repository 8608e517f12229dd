// Kernel pairwise_screen: candidate pairs of a flat list of tiles, which are dropped after a prefix of the dimensions where
// no pair can reach the threshold. Candidates hold every pair that does, and some that do not: pair_score tells.
import type { GpuContext, Recorder } from "../gpu/context.ts";
import { divideUp, foldGrid } from "../gpu/grid.ts";
import { layoutOf } from "../gpu/variant_choice.ts";
import { BufferScope } from "./buffer_scope.ts";
import { halfRows, recordHalfPack } from "./half_pack.ts";
import { panelByteLength, panelRows, recordPanelPack } from "./panel_pack.ts";
import { rowCountOf } from "./row_count.ts";
import { recordRowRestNorms, restNormsByteLength } from "./row_rest_norms.ts";

/** What the screen takes on a device. */
export interface ScreenForm {
  /** How it reads rows: f32 "panels" (panel_pack), or f16 "halves" (half_pack). */
  readonly layout: "panels" | "halves";
  /** Rows of a tile's side. */
  readonly tileRows: number;
  /** Dimensions between two looks. */
  readonly chunk: number;
}

const panelForm: ScreenForm = { layout: "panels", tileRows: panelRows, chunk: 32 };
const halfForm: ScreenForm = { layout: "halves", tileRows: 128, chunk: 64 };

/** The form that is chosen for a device and rows of `dim` values. */
export function screenForm(gpu: GpuContext, dim: number): ScreenForm {
  const layout = layoutOf("pairwise_screen", gpu.variantOf("pairwise_screen", dim));
  return layout === "halves" ? halfForm : panelForm;
}

/** A stretch of rows with consecutive ranks, as the screen reads it. */
export interface ScreenRows {
  /** The rows in the form's layout. */
  readonly values: GPUBuffer;
  /** Their rest norms (row_rest_norms). */
  readonly norms: GPUBuffer;
  readonly rowCount: number;
  /** Rank of the first row. */
  readonly firstRank: number;
}

/** Makes of f32 rows (rowCount x dim) what the screen reads; buffers end with the scope. */
export function recordScreenRows(
  recorder: Recorder,
  scope: BufferScope,
  {
    rows,
    rowCount,
    dim,
    form,
    panels,
  }: {
    readonly rows: GPUBuffer;
    readonly rowCount: number;
    readonly dim: number;
    readonly form: ScreenForm;
    /** The rows' panels, where they are there already. */
    readonly panels?: GPUBuffer;
  },
): Pick<ScreenRows, "values" | "norms"> {
  const { chunk } = form;
  // Tiles read the norms of all their rows, also of those that are not there.
  const tiledRows = divideUp(rowCount, form.tileRows) * form.tileRows;
  const norms = scope.buffer("screen.norms", restNormsByteLength(tiledRows, dim, chunk));
  if (form.layout === "halves") {
    const { halves, errors } = halfRows(scope, "screen", rowCount, dim);
    recordHalfPack(recorder, { rows, rowCount, dim, halves, errors });
    recordRowRestNorms(recorder, { rows, rowCount, dim, chunk, errors, norms });
    return { values: halves, norms };
  }
  const values = panels ?? scope.buffer("screen.panels", panelByteLength(rowCount, dim));
  if (panels === undefined) recordPanelPack(recorder, { rows, panels: values, rowCount, dim });
  recordRowRestNorms(recorder, { rows, rowCount, dim, chunk, norms });
  return { values, norms };
}

export interface PairwiseScreenInputs {
  readonly later: ScreenRows;
  readonly earlier: ScreenRows;
  /** u32, one for each later row, ascending: rank of the first row of its group. */
  readonly laterStarts: GPUBuffer;
  readonly dim: number;
  /** Dimensions between two looks, as for the norms. */
  readonly chunk: number;
  /** u32 pairs: tile of later rows, tile of earlier rows. */
  readonly tiles: GPUBuffer;
  readonly tileCount: number;
  /** Smallest dot product that matters, an f32 above 0. */
  readonly threshold: number;
  /** candidatesByteLength(capacity) bytes: the pairs found, the chunks worked, then the pairs, later and earlier row. Cleared before. */
  readonly candidates: GPUBuffer;
  readonly capacity: number;
  /** Pairs of a lane's or a subgroup's part of a tile that are few enough to be scored apart. */
  readonly few?: number;
}

/** u32 before the pairs: how many were found, and how many chunks were worked. */
export const candidateHead = 2;

export function candidatesByteLength(capacity: number): number {
  return candidateHead * 4 + capacity * 8;
}

/** Chunks that the head counts for a tile that is worked to its last dimension. */
export function chunksOfTile(dim: number, chunk: number): number {
  return Math.ceil(dim / chunk) * 8;
}

export function recordPairwiseScreen(recorder: Recorder, inputs: PairwiseScreenInputs): void {
  const { later, earlier, tileCount, chunk, few } = inputs;
  if (tileCount === 0) return;
  recorder.dispatch("pairwise_screen", {
    params: {
      tile_count: tileCount,
      later_count: later.rowCount,
      later_first: later.firstRank,
      earlier_count: earlier.rowCount,
      earlier_first: earlier.firstRank,
      dim: inputs.dim,
      chunk,
      threshold: inputs.threshold,
      capacity: inputs.capacity,
    },
    bindings: {
      tiles: inputs.tiles,
      left: later.values,
      right: earlier.values,
      later_starts: inputs.laterStarts,
      later_norms: later.norms,
      earlier_norms: earlier.norms,
      candidates: inputs.candidates,
    },
    grid: foldGrid(tileCount),
    ...(few === undefined ? {} : { overrides: { few } }),
  });
}

export interface ScreenResult {
  /** Pairs found; more than `pairs` holds where they exceed the capacity. */
  readonly count: number;
  /** Share of all chunks of dimensions of the tiles that were worked. */
  readonly workedShare: number;
  /** u32, later and earlier row of each candidate, in no order. */
  readonly pairs: Uint32Array;
}

/** Candidates of all tiles of one stretch of rows, on plain arrays. `starts`: one group when left out. */
export async function pairwiseScreen(
  gpu: GpuContext,
  rows: Float32Array,
  dim: number,
  options: {
    readonly threshold: number;
    readonly capacity: number;
    readonly starts?: Uint32Array;
    readonly chunk?: number;
    readonly few?: number;
  },
): Promise<ScreenResult> {
  const rowCount = rowCountOf(rows, dim);
  const form = screenForm(gpu, dim);
  const { threshold, capacity, chunk = form.chunk, starts = new Uint32Array(rowCount), few } = options;
  const sides = Math.ceil(rowCount / form.tileRows);
  const list: number[] = [];
  for (let later = 0; later < sides; later++) {
    for (let earlier = 0; earlier <= later; earlier++) list.push(later, earlier);
  }
  return await BufferScope.run(gpu, async (scope) => {
    const source = scope.upload("pairwise_screen.rows", rows);
    const candidates = scope.buffer("pairwise_screen.candidates", candidatesByteLength(capacity));
    gpu.submit("pairwise_screen", (recorder) => {
      const screened = recordScreenRows(recorder, scope, {
        rows: source,
        rowCount,
        dim,
        form: { ...form, chunk },
      });
      const block = { ...screened, rowCount, firstRank: 0 };
      recordPairwiseScreen(recorder, {
        later: block,
        earlier: block,
        laterStarts: scope.upload("pairwise_screen.starts", starts),
        dim,
        chunk,
        tiles: scope.upload("pairwise_screen.tiles", Uint32Array.from(list)),
        tileCount: list.length / 2,
        threshold,
        candidates,
        capacity,
        ...(few === undefined ? {} : { few }),
      });
    });
    const [count = 0, chunks = 0] = await gpu.readUints(candidates, candidateHead);
    const pairs = await gpu.readUints(candidates, Math.min(count, capacity) * 2, candidateHead);
    const whole = (list.length / 2) * chunksOfTile(dim, chunk);
    return { count, workedShare: whole === 0 ? 0 : chunks / whole, pairs };
  });
}
