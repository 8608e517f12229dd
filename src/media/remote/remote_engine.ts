// The page's side: a MediaEngine whose work is done in a worker, so that the page never stands still. A stop request ends
// the worker, whatever it is at; the next call starts a fresh one.
import { InterruptedError, MediaEngineError } from "../../errors.ts";
import type {
  EncoderInfo,
  MediaEngine,
  MediaSource,
  ScannedFrame,
  ScanReport,
  ScanRequest,
  SplitReport,
  SplitRequest,
  SplitSinks,
  VideoInfo,
} from "../engine.ts";
import {
  type Delivery,
  type EngineMethod,
  fromPlainError,
  type PageMessage,
  toPlainError,
  type WorkerMessage,
} from "./engine_messages.ts";

type Receive = (delivery: Delivery) => Promise<void>;
type EngineFacts = Pick<MediaEngine, "version" | "autoEncoders">;

/**
 * @param start starts a worker that serves an engine.
 * @param options given to it when it opens the engine.
 */
export async function openRemoteEngine<Options>(start: () => Worker, options: Options): Promise<MediaEngine> {
  const connect = (): EngineWorker => new EngineWorker(start(), { kind: "open", options });
  const first = connect();
  return new RemoteEngine(connect, first, await first.facts);
}

class RemoteEngine implements MediaEngine {
  readonly version: string;
  readonly autoEncoders?: readonly string[];
  readonly #connect: () => EngineWorker;
  #worker: EngineWorker | undefined;
  // A worker works one call at a time; others wait here.
  #last: Promise<unknown> = Promise.resolve();

  constructor(connect: () => EngineWorker, worker: EngineWorker, { version, autoEncoders }: EngineFacts) {
    this.version = version;
    if (autoEncoders !== undefined) this.autoEncoders = autoEncoders;
    this.#connect = connect;
    this.#worker = worker;
  }

  probe(source: MediaSource, signal?: AbortSignal): Promise<VideoInfo> {
    return this.#call("probe", source, signal);
  }

  split({ signal, ...request }: SplitRequest, sinks: SplitSinks): Promise<SplitReport> {
    return this.#call("split", request, signal, async (delivery) => {
      if (delivery.to === "onFrame") return await sinks.onFrame(delivery.value);
      if (delivery.to === "onGrayFrame") return await sinks.onGrayFrame?.(delivery.value);
      if (delivery.to === "onPreview") return await sinks.onPreview?.(delivery.value);
      if (delivery.to !== "onClip") return;
      const { index, info, parts } = delivery.value;
      const read = async function* (): AsyncGenerator<Uint8Array> {
        yield* parts;
      };
      await sinks.onClip({ index, info, read });
    });
  }

  scan(
    { signal, ...request }: ScanRequest,
    onFrame: (frame: ScannedFrame) => Promise<void>,
  ): Promise<ScanReport> {
    return this.#call("scan", request, signal, async (delivery) => {
      if (delivery.to === "onScannedFrame") await onFrame(delivery.value);
    });
  }

  encoders(names: readonly string[]): Promise<readonly EncoderInfo[]> {
    return this.#call("encoders", names, undefined);
  }

  #call<T>(
    method: EngineMethod,
    argument: unknown,
    signal: AbortSignal | undefined,
    receive: Receive = async () => undefined,
  ): Promise<T> {
    const turn = this.#last.then(() => this.#work(method, argument, signal, receive));
    this.#last = turn.catch(() => undefined);
    return turn as Promise<T>;
  }

  async #work(
    method: EngineMethod,
    argument: unknown,
    signal: AbortSignal | undefined,
    receive: Receive,
  ): Promise<unknown> {
    const stopped = (): InterruptedError =>
      new InterruptedError("Cannot finish with a video as the work was stopped");
    if (signal?.aborted) throw stopped();
    if (this.#worker === undefined || this.#worker.hasEnded) this.#worker = this.#connect();
    const worker = this.#worker;
    const onAbort = (): void => worker.end(stopped());
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await worker.facts;
      return await worker.call(method, argument, receive);
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

/** One worker and the call that it is at. */
class EngineWorker {
  /** Resolves once its engine is open. */
  readonly facts: Promise<EngineFacts>;
  readonly #worker: Worker;
  #receive: Receive = async () => undefined;
  #settle: { resolve(value: unknown): void; reject(error: unknown): void } | undefined;
  /** What a receiver rejected with, which is what the call must reject with. */
  #receiverError: { readonly error: unknown } | undefined;
  #hasEnded = false;

  constructor(worker: Worker, opening: PageMessage<unknown>) {
    this.#worker = worker;
    worker.addEventListener("message", ({ data }) => this.#take(data as WorkerMessage));
    worker.addEventListener("error", ({ message }) =>
      this.end(
        new MediaEngineError(
          `Cannot go on with a video as its worker failed: ${message || "it did not start"}`,
        ),
      ),
    );
    this.facts = this.#ask(opening) as Promise<EngineFacts>;
    // A worker whose engine did not open is of no more use. Whoever awaits the facts later still sees why.
    this.facts.catch((error: Error) => this.end(error));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  call(method: EngineMethod, argument: unknown, receive: Receive): Promise<unknown> {
    this.#receive = receive;
    this.#receiverError = undefined;
    return this.#ask({ kind: "call", method, argument });
  }

  end(error: Error): void {
    this.#hasEnded = true;
    this.#worker.terminate();
    this.#settle?.reject(error);
  }

  #ask(message: PageMessage<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage(message);
    });
  }

  #take(message: WorkerMessage): void {
    if (message.kind === "opened") this.#settle?.resolve(message.facts);
    else if (message.kind === "result") this.#settle?.resolve(message.value);
    else if (message.kind === "failure") {
      this.#settle?.reject(this.#receiverError ? this.#receiverError.error : fromPlainError(message.error));
    } else {
      this.#receive(message.delivery).then(
        () => this.#acknowledge(message.event, null),
        (error: unknown) => {
          this.#receiverError ??= { error };
          this.#acknowledge(message.event, error);
        },
      );
    }
  }

  #acknowledge(event: number, error: unknown): void {
    const plain = error === null ? null : toPlainError(error);
    this.#worker.postMessage({ kind: "received", event, error: plain } satisfies PageMessage<never>);
  }
}
