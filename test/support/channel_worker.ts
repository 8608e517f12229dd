// A worker that is none: the code of its side runs here, over a channel that clones messages as a real one does.
import type { PagePort } from "../../src/media/remote/serve_engine.ts";

/** @param serve what the worker's script does. */
export function channelWorker(serve: (port: PagePort) => void): Worker {
  const { port1: page, port2: inside } = new MessageChannel();
  const receive = (port: MessagePort, type: string, listen: (event: { readonly data: unknown }) => void) => {
    if (type !== "message") return;
    port.addEventListener("message", (event) => listen(event as MessageEvent));
    port.start();
  };
  serve({
    postMessage: (message) => inside.postMessage(message),
    addEventListener: (type, listener) => receive(inside, type, listener),
  });
  const worker = {
    postMessage: (message: unknown) => page.postMessage(message),
    addEventListener: (type: string, listener: (event: { readonly data: unknown }) => void) =>
      receive(page, type, listener),
    terminate: () => page.close(),
  };
  return worker as unknown as Worker;
}
