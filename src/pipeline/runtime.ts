// A runtime supplies a pipeline with the outside world: storages, one shared GPU device, the media engine, the encoder.
// Everything is opened on first use and shared; a lost GPU device is replaced once; `close` lets the process end.
import type { Encoder } from "../embed/encoder.ts";
import type { FoundModel } from "../embed/find_model.ts";
import { ModelError } from "../errors.ts";
import type { GpuContext } from "../gpu/context.ts";
import type { OpenStorage } from "../io/storage.ts";
import type { MediaEngine } from "../media/engine.ts";
import type { StageContext, StageProgress } from "../stages/stage.ts";
import type { Log } from "../types.ts";
import type { FoundShotModel, ShotModel } from "../video/shot_model.ts";

/** How this runtime opens each part of the outside world. */
export interface RuntimeParts {
  readonly openStorage: OpenStorage;
  readonly openDevice: () => Promise<GpuContext>;
  readonly openMediaEngine: (log: Log) => Promise<MediaEngine>;
  /** Finds the embedding model without loading its weights. */
  readonly findModel: () => Promise<FoundModel>;
  readonly openEncoder: (model: FoundModel, gpu: GpuContext, log: Log) => Promise<Encoder>;
  /** The model that --splitting-algorithm transnetv2 asks; without it that algorithm is refused. */
  readonly shots?: {
    /** Finds it without loading its weights. */
    readonly find: () => Promise<FoundShotModel>;
    readonly open: (model: FoundShotModel, device: () => Promise<GpuContext>, log: Log) => Promise<ShotModel>;
  };
}

export interface RunHooks {
  readonly log: Log;
  readonly progress: (event: StageProgress) => void;
  readonly signal: AbortSignal;
}

/** A device may be lost and replaced this often in one run; more than that is no accident. */
const maxDeviceRebuilds = 1;

export class Runtime {
  readonly openStorage: OpenStorage;
  readonly #parts: RuntimeParts;
  #device: Promise<GpuContext> | undefined;
  #encoder: { readonly gpu: GpuContext; readonly opened: Promise<Encoder> } | undefined;
  #engine: Promise<MediaEngine> | undefined;
  #model: Promise<FoundModel> | undefined;
  #shotModelFiles: Promise<FoundShotModel> | undefined;
  #shotModel: Promise<ShotModel> | undefined;
  #rebuilds = 0;

  constructor(parts: RuntimeParts) {
    this.#parts = parts;
    this.openStorage = parts.openStorage;
  }

  async device(): Promise<GpuContext> {
    this.#device ??= this.#parts.openDevice();
    const gpu = await this.#device;
    if (gpu.lost === undefined || this.#rebuilds >= maxDeviceRebuilds) return gpu;
    this.#rebuilds++;
    this.#device = this.#parts.openDevice();
    return await this.#device;
  }

  mediaEngine(log: Log): Promise<MediaEngine> {
    this.#engine ??= this.#parts.openMediaEngine(log);
    return this.#engine;
  }

  model(): Promise<FoundModel> {
    this.#model ??= this.#parts.findModel();
    return this.#model;
  }

  /** The encoder lives on the device: a new device gets a new one. */
  async encoder(log: Log): Promise<Encoder> {
    const [gpu, model] = await Promise.all([this.device(), this.model()]);
    if (this.#encoder?.gpu !== gpu) this.#encoder = { gpu, opened: this.#parts.openEncoder(model, gpu, log) };
    return await this.#encoder.opened;
  }

  async shotModelFiles(): Promise<FoundShotModel> {
    this.#shotModelFiles ??= this.#shots().find();
    return await this.#shotModelFiles;
  }

  /** It lives on a device of its own, and so outlives a lost one. */
  async shotModel(log: Log): Promise<ShotModel> {
    this.#shotModel ??= this.shotModelFiles().then((model) =>
      this.#shots().open(model, () => this.device(), log),
    );
    return await this.#shotModel;
  }

  /** The device, if one was opened: for the run record. */
  async openedDevice(): Promise<GpuContext | undefined> {
    return await this.#device?.catch(() => undefined);
  }

  /** The media engine, if one was opened. */
  async openedEngine(): Promise<MediaEngine | undefined> {
    return await this.#engine?.catch(() => undefined);
  }

  context({ log, progress, signal }: RunHooks): StageContext {
    return {
      openStorage: this.openStorage,
      device: () => this.device(),
      mediaEngine: () => this.mediaEngine(log),
      model: () => this.model(),
      encoder: () => this.encoder(log),
      shotModelFiles: () => this.shotModelFiles(),
      shotModel: () => this.shotModel(log),
      log,
      progress,
      signal,
    };
  }

  /** Frees the GPU and the models. The runtime cannot be used after. */
  async close(): Promise<void> {
    const encoder = await this.#encoder?.opened.catch(() => undefined);
    await encoder?.close();
    const shotModel = await this.#shotModel?.catch(() => undefined);
    await shotModel?.close();
    const gpu = await this.openedDevice();
    if (gpu?.lost === undefined) gpu?.destroy();
  }

  #shots(): NonNullable<RuntimeParts["shots"]> {
    if (this.#parts.shots !== undefined) return this.#parts.shots;
    throw new ModelError(
      "Cannot cut videos with transnetv2 as this runtime was given no model that finds shots. Give Runtime its part `shots`, or take another splitting algorithm",
    );
  }
}
