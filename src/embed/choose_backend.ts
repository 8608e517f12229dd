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
  // In browsers both backends are one module of WebAssembly: while a trial of the slow one compiles, the other waits.
  if (adapter.software && model.onnxRuntimeUrl !== undefined) return await openSession(model, "cpu");
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

/** Milliseconds of a CPU answer below which the dispatches alone of a software adapter take longer. */
const notWorthTrying = 10;
/** Milliseconds that a software adapter gets to compile and answer. */
const trialLimit = 15_000;

/** Times one picture (or clip) on each backend and keeps the faster. A backend that fails or dawdles is out. */
async function openFaster(model: FoundModel, adapter: AdapterSummary, log: Log): Promise<OnnxSession> {
  const cpu = await openSession(model, "cpu");
  const cpuMilliseconds = await timeOneItem(cpu, model);
  const say = (backend: Backend, why: string) =>
    log("info", `Embedding with ${model.spec.name} on the ${backendTitle(backend)}: ${why}`);
  const answered = `an answer takes ${cpuMilliseconds.toFixed(1)} ms`;
  if (cpuMilliseconds < notWorthTrying) {
    say("cpu", `${answered}, less than ${adapter.name} needs to start`);
    return cpu;
  }
  const outcome = await tryWebgpu(model);
  if (typeof outcome === "string") {
    say("cpu", `${answered}; through WebGPU on ${adapter.name} ${outcome}`);
    return cpu;
  }
  const { session, milliseconds } = outcome;
  const backend: Backend = milliseconds < cpuMilliseconds ? "webgpu" : "cpu";
  say(backend, `${answered} on the CPU and ${milliseconds.toFixed(1)} ms through WebGPU on ${adapter.name}`);
  const [kept, dropped] = backend === "cpu" ? [cpu, session] : [session, cpu];
  await dropped.close();
  return kept;
}

/** The session and its time, or why there is none. */
async function tryWebgpu(
  model: FoundModel,
): Promise<string | { readonly session: OnnxSession; readonly milliseconds: number }> {
  let gaveUp = false;
  const trial = (async () => {
    let session: OnnxSession | undefined;
    try {
      session = await openSession(model, "webgpu");
      const milliseconds = await timeOneItem(session, model);
      if (!gaveUp) return { session, milliseconds };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
    }
    await session?.close();
    return "it cannot run";
  })();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      gaveUp = true;
      resolve(`none came within ${trialLimit / 1000} s`);
    }, trialLimit);
  });
  // A call that is under way cannot be stopped: its session closes itself when it comes back.
  trial.catch(() => undefined);
  return await Promise.race([trial, limit]).finally(() => clearTimeout(timer));
}

/** Milliseconds of one item: the second call, as the first compiles. */
async function timeOneItem(session: OnnxSession, { spec }: FoundModel): Promise<number> {
  const valueCount = inputShape(spec, 1).reduce((product, size) => product * size, 1);
  const input = new Float32Array(valueCount);
  await session.run(input, 1);
  const start = performance.now();
  await session.run(input, 1);
  return performance.now() - start;
}
