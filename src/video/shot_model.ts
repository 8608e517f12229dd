// TransNetV2 as an ONNX file of the user's: found below --model-dir, loaded once, and asked window by window. The file's input
// is [1, frames, 27, 48, 3], upright RGB from 0 to 255; scaling to 1 is inside the model, since its histograms want bytes.
import { ModelError } from "../errors.ts";
import {
  type LocatedModel,
  type ModelFolders,
  modelPlaces,
  specNamed,
  withWeights,
} from "../onnx/model_folders.ts";
import { type Backend, backendTitle, TransformersModel } from "../onnx/transformers_model.ts";
import type { DevicePreference, Log } from "../types.ts";
import { parseShotSpec, type ShotSpec } from "./shot_spec.ts";
import { frameBytes, frameSize, windowFrames } from "./transnet_windows.ts";

export type FoundShotModel = LocatedModel<ShotSpec>;

export interface ShotModel {
  readonly spec: ShotSpec;
  readonly backend: Backend;
  /**
   * How likely each frame of a window is a transition.
   *
   * @param rgb packed frames of 48 x 27, upright.
   * @throws ModelError where the model refuses the window or answers with anything but one number for each frame.
   */
  judge(rgb: Uint8Array, frameCount: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Finds the model without loading it.
 *
 * @throws ModelError where its spec is wrong, or its weights are absent, with the way to get them.
 */
export async function findShotModel(folders: ModelFolders, name = "transnetv2"): Promise<FoundShotModel> {
  const places = modelPlaces(folders);
  const found = await specNamed(name, places);
  if (found === undefined) {
    throw new ModelError(
      `Cannot find a model that finds shots as there is no ${name}/spec.json: ${places.map(({ root }) => root).join(", ")}. Install clipsieve anew, or give --model-dir`,
    );
  }
  return await withWeights(parseShotSpec(found.json, found.origin), name, places);
}

/**
 * Loads the model: on the CPU for "software", through WebGPU for "gpu", and for "auto" through WebGPU where there is a GPU
 * and it can.
 *
 * @param hasGpu whether the adapter in use is a real GPU.
 * @throws ModelError where no backend that the preference allows can load it.
 */
export async function openShotModel(
  model: FoundShotModel,
  { device, hasGpu, log }: { readonly device: DevicePreference; readonly hasGpu: boolean; readonly log: Log },
): Promise<ShotModel> {
  const load = async (backend: Backend): Promise<ShotModel> => {
    const loaded = new SessionShotModel(model.spec, await TransformersModel.load(model, backend));
    log("info", `Finding shots with ${model.spec.name} on the ${backendTitle(backend)}`);
    return loaded;
  };
  if (device === "gpu") return await load("webgpu");
  if (device === "software" || !hasGpu) return await load("cpu");
  try {
    return await tried(await load("webgpu"));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    log("warn", `Finding shots on the CPU instead of the GPU. ${error.message}`);
    return await load("cpu");
  }
}

/** What a backend lacks may come to light in the first window only. */
async function tried(model: ShotModel): Promise<ShotModel> {
  try {
    await model.judge(new Uint8Array(windowFrames * frameBytes), windowFrames);
    return model;
  } catch (error) {
    await model.close();
    throw error;
  }
}

class SessionShotModel implements ShotModel {
  readonly spec: ShotSpec;
  readonly #model: TransformersModel;
  // A session serves one call at a time; windows of other videos wait here.
  #last: Promise<unknown> = Promise.resolve();

  constructor(spec: ShotSpec, model: TransformersModel) {
    this.spec = spec;
    this.#model = model;
  }

  get backend(): Backend {
    return this.#model.backend;
  }

  judge(rgb: Uint8Array, frameCount: number): Promise<Float32Array> {
    const turn = this.#last.then(() => this.#judge(rgb, frameCount));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#model.close();
  }

  async #judge(rgb: Uint8Array, frameCount: number): Promise<Float32Array> {
    const { name, answer } = this.spec;
    const dims = [1, frameCount, frameSize.height, frameSize.width, 3];
    const { data, dims: answered } = await this.#model.run(
      { data: rgb, dims },
      "Export it again as models/transnetv2/README.md says, with a free number of frames",
    );
    if (data.length !== frameCount) {
      throw new ModelError(
        `Cannot use the answer of the model ${name} as it must have one number for each of ${frameCount} frames: ${answered.join(" x ")}. Export it again as models/transnetv2/README.md says`,
      );
    }
    const probabilities = answer === "logit" ? data.map((logit) => 1 / (1 + Math.exp(-logit))) : data;
    // Compared so that a value that is not a number fails, too.
    const wrong = probabilities.findIndex((value) => !(value >= 0 && value <= 1));
    if (wrong >= 0) {
      throw new ModelError(
        `Cannot use the answer of the model ${name} as it is no probability: ${probabilities[wrong]}. Set "answer" to "logit" in its spec where the file ends before the logistic function, or try --device software`,
      );
    }
    return probabilities;
  }
}
