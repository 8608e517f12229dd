// TensorFlow.js on its wasm backend, with SIMD; its threads want a browser's workers and stay off in Node.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { NpmPeer } from "./npm_peer.ts";
import { prepareAssign, preparePairwise, type Tfjs } from "./tfjs.ts";

interface WasmBackend {
  readonly version_wasm: string;
  setWasmPaths(folder: string): void;
}

export async function open(): Promise<NpmPeer> {
  const [core, backend]: string[] = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm"];
  // Both must be the CommonJS builds: the others are two instances of the core, each with its own list of backends.
  const require = createRequire(import.meta.url);
  const tf = require(core!) as Tfjs;
  const wasm = require(backend!) as WasmBackend;
  wasm.setWasmPaths(`${join(dirname(require.resolve(backend!)))}/`);
  await tf.setBackend("wasm");
  await tf.ready();
  return {
    name: "tfjs-wasm",
    version: wasm.version_wasm,
    device: "cpu",
    tasks: {
      assign: (input) => prepareAssign(tf, input),
      pairwise: (input) => preparePairwise(tf, input),
    },
  };
}
