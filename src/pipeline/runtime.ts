// A runtime supplies a pipeline with the outside world: storages, one shared GPU device, the media engine, the encoder.
// Everything is opened on first use and shared; a lost GPU device is replaced once; `close` lets the process end.
import type { Encoder } from "../embed/encoder.ts";
import type { GpuContext } from "../gpu/context.ts";
import type { OpenStorage } from "../io/storage.ts";
import type { MediaEngine } from "../media/engine.ts";
import type { StageContext, StageProgress } from "../stages/stage.ts";
import type { Log } from "../types.ts";

/** How this runtime opens each part of the outside world. */
export interface RuntimeParts {
  readonly openStorage: OpenStorage;
  readonly openDevice: () => Promise<GpuContext>;
  readonly openMediaEngine: () => Promise<MediaEngine>;
  readonly openEncoder: (gpu: GpuContext, log: Log) => Promise<Encoder>;
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

  mediaEngine(): Promise<MediaEngine> {
    this.#engine ??= this.#parts.openMediaEngine();
    return this.#engine;
  }

  /** The encoder lives on the device: a new device gets a new one. */
  async encoder(log: Log): Promise<Encoder> {
    const gpu = await this.device();
    if (this.#encoder?.gpu !== gpu) this.#encoder = { gpu, opened: this.#parts.openEncoder(gpu, log) };
    return await this.#encoder.opened;
  }

  context({ log, progress, signal }: RunHooks): StageContext {
    return {
      openStorage: this.openStorage,
      device: () => this.device(),
      mediaEngine: () => this.mediaEngine(),
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
    const gpu = await this.#device?.catch(() => undefined);
    if (gpu?.lost === undefined) gpu?.destroy();
  }
}
