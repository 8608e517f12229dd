// From --embedding-algorithm to a spec and the folder of its weights. Nothing is downloaded unless the user named a hub
// id; a known model whose weights are absent is refused with the files it needs and where they come from.
import { ModelError } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import {
  absoluteFolder,
  type LocatedModel,
  type ModelFolders,
  modelPlaces,
  readSpecFile,
  specFile,
  specNamed,
  specPaths,
  withWeights,
} from "../onnx/model_folders.ts";
import { isEmbeddingSpec, type ModelSpec, parseModelSpec } from "./spec.ts";

export { packagedModelsFolder } from "../onnx/model_folders.ts";

export type FindModelOptions = ModelFolders;
export type FoundModel = LocatedModel<ModelSpec>;

const byHubId = (hub: string): string => `or give --embedding-algorithm ${hub} to have that done`;

/**
 * Finds a model by "builtin", the name of a spec, a folder with a spec.json, or a hub id that a packaged spec describes.
 *
 * @throws ModelError where there is no such model, its spec is wrong, or its weights are absent.
 */
export async function findModel(algorithm: string, options: FindModelOptions): Promise<FoundModel> {
  const places = modelPlaces(options);
  if (/^[\w-][\w.-]*$/.test(algorithm)) {
    const found = await specNamed(algorithm, places);
    if (found !== undefined)
      return await withWeights(parseModelSpec(found.json, found.origin), algorithm, places, byHubId);
  }
  const folder = options.openStorage(algorithm);
  if ((await folder.stat(specFile)) !== undefined) {
    const { json, origin } = await readSpecFile(folder, specFile);
    return await withWeights(parseModelSpec(json, origin), "", [folder], byHubId);
  }
  if (/^[\w-][\w.-]*\/[\w.-]+$/.test(algorithm)) {
    const spec = await specOfHubId(algorithm, places);
    if (spec !== undefined) {
      const [own] = places;
      return {
        spec,
        folder: absoluteFolder(own, ""),
        hub: { id: algorithm, revision: spec.source.revision, cacheFolder: absoluteFolder(own, "hub/") },
      };
    }
  }
  const names = await listModels(options);
  throw new ModelError(
    `Cannot find an embedding model as there is neither a spec, a folder with ${specFile}, nor a known hub id of that name: ${algorithm}. Known: ${names.join(", ")}; models/README.md says how to describe another`,
  );
}

/** Names of all models that embed and have a spec, the user's and the packaged ones, sorted. */
export async function listModels(options: FindModelOptions): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const place of modelPlaces(options)) {
    for (const path of await specPaths(place)) {
      const { json } = await readSpecFile(place, path);
      if (isEmbeddingSpec(json)) names.add(path.slice(0, -specFile.length - 1));
    }
  }
  return [...names].sort();
}

async function specOfHubId(id: string, places: readonly Storage[]): Promise<ModelSpec | undefined> {
  for (const place of places) {
    for (const path of await specPaths(place)) {
      const { json, origin } = await readSpecFile(place, path);
      if (!isEmbeddingSpec(json)) continue;
      const spec = parseModelSpec(json, origin);
      if (spec.source.hub?.toLowerCase() === id.toLowerCase()) return spec;
    }
  }
  return undefined;
}
