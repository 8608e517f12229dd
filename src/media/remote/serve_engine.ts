// The worker's side: opens an engine when the page asks for it, and works its calls one after the other.
import type { MediaEngine, MediaSource, ScanRequest, SplitRequest, SplitSinks } from "../engine.ts";
import {
  type Delivery,
  fromPlainError,
  type PageMessage,
  toPlainError,
  type WorkerMessage,
} from "./engine_messages.ts";

/** What a worker is to the code in it. */
export interface PagePort {
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** @param open makes the engine from what the page sent along. */
export function serveEngine<Options>(port: PagePort, open: (options: Options) => Promise<MediaEngine>): void {
  const server = new EngineServer(port);
  let engine: MediaEngine | undefined;
  port.addEventListener("message", ({ data }) => {
    const message = data as PageMessage<Options>;
    if (message.kind === "received") {
      server.settle(message.event, message.error === null ? null : fromPlainError(message.error));
    } else if (message.kind === "open") {
      server.answer(async () => {
        engine = await open(message.options);
        const { version, autoEncoders } = engine;
        return { kind: "opened", facts: { version, ...(autoEncoders ? { autoEncoders } : {}) } };
      });
    } else {
      server.answer(async () => {
        if (engine === undefined)
          throw new Error("Invariant broken: an engine is opened before it is called");
        return { kind: "result", value: await server.work(engine, message) };
      });
    }
  });
}

interface OpenEvent {
  resolve(): void;
  reject(error: Error): void;
}

class EngineServer {
  readonly #port: PagePort;
  readonly #events = new Map<number, OpenEvent>();
  #eventCount = 0;

  constructor(port: PagePort) {
    this.#port = port;
  }

  answer(work: () => Promise<WorkerMessage>): void {
    work()
      .catch((error: unknown): WorkerMessage => ({ kind: "failure", error: toPlainError(error) }))
      .then((message) => this.#port.postMessage(message));
  }

  async work(
    engine: MediaEngine,
    { method, argument }: Extract<PageMessage<unknown>, { kind: "call" }>,
  ): Promise<unknown> {
    if (method === "probe") return await engine.probe(argument as MediaSource);
    if (method === "encoders") return await engine.encoders(argument as readonly string[]);
    if (method === "scan") {
      return await engine.scan(argument as ScanRequest, (value) =>
        this.#deliver({ to: "onScannedFrame", value }),
      );
    }
    const sinks: SplitSinks = {
      onClip: async ({ index, info, read }) => {
        const parts: Uint8Array[] = [];
        for await (const part of read()) parts.push(part);
        await this.#deliver({ to: "onClip", value: { index, info, parts } });
      },
      onFrame: (value) => this.#deliver({ to: "onFrame", value }),
      onGrayFrame: (value) => this.#deliver({ to: "onGrayFrame", value }),
      onPreview: (value) => this.#deliver({ to: "onPreview", value }),
    };
    return await engine.split(argument as SplitRequest, sinks);
  }

  settle(event: number, error: Error | null): void {
    const open = this.#events.get(event);
    this.#events.delete(event);
    if (error === null) open?.resolve();
    else open?.reject(error);
  }

  #deliver(delivery: Delivery): Promise<void> {
    const event = this.#eventCount++;
    return new Promise((resolve, reject) => {
      this.#events.set(event, { resolve, reject });
      this.#port.postMessage({ kind: "event", event, delivery } satisfies WorkerMessage);
    });
  }
}
