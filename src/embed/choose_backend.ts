// Which backend embeds: the CPU for "software", WebGPU on a real GPU, and on an adapter that computes on the CPU itself
// whichever answers one batch faster. The trap: the first call of a software adapter compiles for seconds, so it is not
// tried where the CPU leaves nothing to win.
import { ModelError } from "../errors.ts";
import type { AdapterSummary } from "../gpu/adapter.ts";
import type { DevicePreference, Log } from "../types.ts";
import type { FoundModel } from "./find_model.ts";
import { type Backend, backendTitle, inputShape, type OnnxSession, openSession } from "./onnx_session.ts";

export interface ChooseBackendOptions {
  readonly device: DevicePreference;
  readonly adapter: AdapterSummary;
  readonly log: Log;
}

/** Opens the model on the backend that the preference and the adapter call for. */
export async function openBestSession(
  model: FoundModel,
  { device, adapter, log }: ChooseBackendOptions,
): Promise<OnnxSession> {
  if (device === "software") return await openSession(model, "cpu");
  if (device === "gpu") return await openSession(model, "webgpu");
  if (adapter.software) return await openFaster(model, adapter, log);
  try {
    return await openSession(model, "webgpu");
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const session = await openSession(model, "cpu");
    log("warn", `Embedding on the CPU instead of ${adapter.name}. ${error.message}`);
    return session;
  }
}

/** Milliseconds of a CPU batch below which the dispatches alone of a software adapter take longer. */
const notWorthTrying = 10;

/** Times one batch on each backend and keeps the faster. A backend that fails is out. */
async function openFaster(model: FoundModel, adapter: AdapterSummary, log: Log): Promise<OnnxSession> {
  const cpu = await openSession(model, "cpu");
  const cpuMilliseconds = await timeOneBatch(cpu, model);
  if (cpuMilliseconds < notWorthTrying) {
    log(
      "info",
      `Embedding with ${model.spec.name} on the CPU: a picture takes ${cpuMilliseconds.toFixed(1)} ms, less than ${adapter.name} needs to start`,
    );
    return cpu;
  }
  let webgpu: OnnxSession | undefined;
  try {
    webgpu = await openSession(model, "webgpu");
    const webgpuMilliseconds = await timeOneBatch(webgpu, model);
    const backend: Backend = webgpuMilliseconds < cpuMilliseconds ? "webgpu" : "cpu";
    log(
      "info",
      `Embedding with ${model.spec.name} on the ${backendTitle(backend)}: one batch took ${cpuMilliseconds.toFixed(1)} ms on the CPU and ${webgpuMilliseconds.toFixed(1)} ms through WebGPU on ${adapter.name}`,
    );
    const [kept, dropped] = backend === "cpu" ? [cpu, webgpu] : [webgpu, cpu];
    await dropped.close();
    return kept;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    await webgpu?.close();
    log(
      "info",
      `Embedding with ${model.spec.name} on the CPU as ${adapter.name} cannot run it through WebGPU`,
    );
    return cpu;
  }
}

/** Milliseconds of one item: the second call, as the first compiles. */
async function timeOneBatch(session: OnnxSession, { spec }: FoundModel): Promise<number> {
  const valueCount = inputShape(spec, 1).reduce((product, size) => product * size, 1);
  const input = new Float32Array(valueCount);
  await session.run(input, 1);
  const start = performance.now();
  await session.run(input, 1);
  return performance.now() - start;
}
