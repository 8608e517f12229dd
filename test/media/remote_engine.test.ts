// An engine in a worker: what becomes of it when its worker is stopped, and when a new one does not start.
import { expect, test } from "vitest";
import { InterruptedError } from "../../src/errors.ts";
import type { MediaEngine } from "../../src/media/engine.ts";
import { openRemoteEngine } from "../../src/media/remote/remote_engine.ts";
import { serveEngine } from "../../src/media/remote/serve_engine.ts";
import { channelWorker } from "../support/channel_worker.ts";

const source = { kind: "bytes", bytes: new Uint8Array(1), name: "v.mp4" } as const;

/** An engine that probes the number of the worker it lives in; the first one never answers. */
async function inWorkers(open: (worker: number) => void): Promise<MediaEngine> {
  let started = 0;
  const start = (): Worker => {
    const number = ++started;
    return channelWorker((port) =>
      serveEngine(port, async () => {
        open(number);
        const probe = () => (number === 1 ? new Promise(() => undefined) : Promise.resolve(number));
        return { version: "fake", probe } as unknown as MediaEngine;
      }),
    );
  };
  return await openRemoteEngine(start, {});
}

test("a worker that does not start after a stop request is tried again by the next call", async () => {
  const engine = await inWorkers((worker) => {
    if (worker === 2) throw new Error("the network is down");
  });
  const stop = new AbortController();
  const stopped = engine.probe(source, stop.signal);
  setTimeout(() => stop.abort(), 20);
  await expect(stopped).rejects.toThrow(InterruptedError);
  await expect(engine.probe(source)).rejects.toThrow("the network is down");
  expect(await engine.probe(source)).toBe(3);
  expect(await engine.probe(source)).toBe(3);
});
