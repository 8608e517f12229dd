// A runtime supplies a pipeline with the outside world: storages, one shared GPU device, the media engine, the encoder.
// Everything is opened on first use and shared; a lost GPU device is replaced once; `close` lets the process end.
import type { Encoder } from "../embed/encoder.ts";
import type { FoundModel } from "../embed/find_model.ts";
import type { GpuContext } from "../gpu/context.ts";
import type { OpenStorage } from "../io/storage.ts";
import type { MediaEngine } from "../media/engine.ts";
import type { StageContext, StageProgress } from "../stages/stage.ts";
import type { Log } from "../types.ts";

/** How this runtime opens each part of the outside world. */
export interface RuntimeParts {
  readonly openStorage: OpenStorage;
  readonly openDevice: () => Promise<GpuContext>;
  readonly openMediaEngine: (log: Log) => Promise<MediaEngine>;
  /** Finds the embedding model without loading its weights. */
  readonly findModel: () => Promise<FoundModel>;
  readonly openEncoder: (model: FoundModel, gpu: GpuContext, log: Log) => Promise<Encoder>;
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
      log,
      progress,
      signal,
    };
  }

  /** Frees the GPU and the encoder. The runtime cannot be used after. */
  async close(): Promise<void> {
    const encoder = await this.#encoder?.opened.catch(() => undefined);
    await encoder?.close();
    const gpu = await this.openedDevice();
    if (gpu?.lost === undefined) gpu?.destroy();
  }
}
