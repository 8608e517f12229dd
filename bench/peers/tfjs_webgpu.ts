// TensorFlow.js on its WebGPU backend and the adapter that clipsieve takes: its module asks navigator.gpu while it loads, so
// Dawn is put there first. The trap: loaded in a process of its own, for that navigator would be ours too.
import { createRequire } from "node:module";
import { requestAdapter, summarizeAdapter } from "../../src/gpu/adapter.ts";
import { openGpuProvider } from "../../src/gpu/provider.ts";
import type { NpmPeer } from "./npm_peer.ts";
import { prepareAssign, preparePairwise, type Tfjs } from "./tfjs.ts";

export async function open(): Promise<NpmPeer> {
  const [core, backend]: string[] = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-webgpu"];
  const require = createRequire(import.meta.url);
  require.resolve(backend!);
  const provider = await openGpuProvider();
  const adapter = await requestAdapter(provider, {});
  const summary = summarizeAdapter(adapter, provider.name);
  const gpu = Object.assign(Object.create(provider.gpu) as GPU, {
    requestAdapter: async () => adapter,
    getPreferredCanvasFormat: () => "rgba8unorm" as const,
  });
  Object.defineProperty(globalThis, "navigator", {
    value: Object.assign(Object.create(globalThis.navigator) as object, { gpu }),
    configurable: true,
  });
  const tf = require(core!) as Tfjs;
  const { version_webgpu: version = "" } = require(backend!) as { version_webgpu?: string };
  if (!(await tf.setBackend("webgpu"))) throw new Error("its WebGPU backend refused the adapter");
  await tf.ready();
  return {
    name: "tfjs-webgpu",
    version: version || tf.version_core,
    device: summary.name,
    tasks: {
      assign: (input) => prepareAssign(tf, input),
      pairwise: (input) => preparePairwise(tf, input),
    },
  };
}
