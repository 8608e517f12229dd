// The contract of a stage. A stage lists its units of work (a video, a cluster) as plain data and works one unit at a
// time, reading and writing through storages only; so an executor may run units here, side by side, or on many
// machines, and a journal can tell which are done. Shaped after cosmos-xenna's stage specs.
import type { Encoder } from "../embed/encoder.ts";
import type { FoundModel } from "../embed/find_model.ts";
import type { GpuContext } from "../gpu/context.ts";
import type { Storage } from "../io/storage.ts";
import type { MediaEngine } from "../media/engine.ts";
import type { JsonValue, Log } from "../types.ts";
import type { FoundShotModel, ShotModel } from "../video/shot_model.ts";

/** One piece of work that is done whole or not at all. */
export interface Unit {
  /** Stable name within the stage: a relative path, a cluster number. */
  readonly key: string;
  /** Digest of all that decides the outputs: content of the inputs, options, version of the method. */
  readonly fingerprint: string;
  /** What `process` needs to know besides the stage's own options. */
  readonly payload: JsonValue;
}

/** What a finished unit leaves behind. */
export interface UnitOutcome {
  /** Paths written, relative to the stage's output. */
  readonly outputs: readonly string[];
  /** Figures for the run record and for stages that gather results. */
  readonly summary: JsonValue;
}

export interface StageProgress {
  readonly stage: string;
  /** What is counted: "videos", "clips", "rounds", "clusters". */
  readonly noun: string;
  readonly done: number;
  /** Null where the end is not known. */
  readonly total: number | null;
}

/** fsspec's storage options in NeMo Curator's programs. Storages are opened by their location here: null is all there is. */
export interface StorageKwargs {
  readonly storageOptions: null;
}

export interface StageDescription {
  readonly name: string;
  readonly reads: string;
  readonly writes: string;
  readonly options: Readonly<Record<string, JsonValue>>;
}

/** The outside world as a stage sees it; each runtime (Node, browser) supplies its own. */
export interface StageContext {
  openStorage(location: string): Storage;
  /** The shared GPU device; a lost one is replaced once. */
  device(): Promise<GpuContext>;
  mediaEngine(): Promise<MediaEngine>;
  /** The embedding model that was chosen, its weights not yet loaded. */
  model(): Promise<FoundModel>;
  encoder(): Promise<Encoder>;
  /** The model that finds shots, its weights not yet loaded. */
  shotModelFiles(): Promise<FoundShotModel>;
  shotModel(): Promise<ShotModel>;
  readonly log: Log;
  readonly progress: (event: StageProgress) => void;
  readonly signal: AbortSignal;
  /**
   * Tells the journal many outputs of a unit at once, before the first is written. Never needed: an output that was not
   * told is noted when it is opened, at the cost of one more small write.
   */
  willWrite?(paths: readonly string[]): Promise<void>;
}

export interface Stage {
  readonly name: string;
  /** What the units are, in plural, for progress; null where there is but one and its own steps are reported. */
  readonly noun: string | null;
  /** Folder or URL that holds the outputs and the journal of this stage. */
  readonly outputPath: string;
  /** Units that may be worked side by side; the executor's own limit holds too, save where units wait most of the time. */
  readonly maxConcurrency: number;
  /** Whether units mostly wait for files and the device, so that more of them than there are cores pay. Default false. */
  readonly waits?: boolean;
  /** A dry stage writes nothing, the journal included. */
  readonly dryRun: boolean;
  /**
   * Whether units are files of the user's. If so, an output folder where none of them is known but others are belongs to
   * another input, and is left alone.
   */
  readonly guardsOutput: boolean;
  describe(): StageDescription;
  units(context: StageContext): Promise<readonly Unit[]>;
  process(unit: Unit, context: StageContext): Promise<UnitOutcome>;
}
