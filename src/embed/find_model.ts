// From --embedding-algorithm to a spec and the folder of its weights. Nothing is downloaded unless the user named a hub
// id; a known model whose weights are absent is refused with the files it needs and where they come from.
import { ModelError } from "../errors.ts";
import type { OpenStorage, Storage } from "../io/storage.ts";
import { type ModelSpec, parseModelSpec, requiredFiles } from "./spec.ts";

export interface FindModelOptions {
  /** Opens folders of models. */
  readonly openStorage: OpenStorage;
  /** The user's folder of models (--model-dir): <modelDir>/<name>/. It need not exist. */
  readonly modelDir: string;
  /** Folder of the specs that come with the package. Default: models/ beside src/. */
  readonly packagedModels?: string;
}

export interface FoundModel {
  readonly spec: ModelSpec;
  /** Absolute path of the folder that holds config.json and onnx/. */
  readonly folder: string;
  /** Set where the user named a hub id: weights come from there and are cached below `cacheFolder`. */
  readonly hub?: { readonly id: string; readonly revision: string; readonly cacheFolder: string };
}

const specFile = "spec.json";

/** The folder of the packaged specs, found from this module's own place. */
export function packagedModelsFolder(): string {
  return new URL("../../models/", import.meta.url).href;
}

/**
 * Finds a model by "builtin", the name of a spec, a folder with a spec.json, or a hub id that a packaged spec describes.
 *
 * @throws ModelError where there is no such model, its spec is wrong, or its weights are absent.
 */
export async function findModel(algorithm: string, options: FindModelOptions): Promise<FoundModel> {
  const packaged = options.openStorage(options.packagedModels ?? packagedModelsFolder());
  const own = options.openStorage(options.modelDir);
  if (/^[\w-][\w.-]*$/.test(algorithm)) {
    for (const models of [own, packaged]) {
      const path = `${algorithm}/${specFile}`;
      if ((await models.stat(path)) === undefined) continue;
      const spec = await readSpec(models, path);
      return await withWeights(spec, algorithm, [own, packaged]);
    }
  }
  const folder = options.openStorage(algorithm);
  if ((await folder.stat(specFile)) !== undefined) {
    return await withWeights(await readSpec(folder, specFile), "", [folder]);
  }
  if (/^[\w-][\w.-]*\/[\w.-]+$/.test(algorithm)) {
    const spec = await specOfHubId(algorithm, [own, packaged]);
    if (spec !== undefined) {
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

/** Names of all models that have a spec, the user's and the packaged ones, sorted. */
export async function listModels(options: FindModelOptions): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const location of [options.modelDir, options.packagedModels ?? packagedModelsFolder()]) {
    for (const path of await specPaths(options.openStorage(location))) {
      names.add(path.slice(0, -specFile.length - 1));
    }
  }
  return [...names].sort();
}

async function withWeights(spec: ModelSpec, below: string, places: readonly Storage[]): Promise<FoundModel> {
  const prefix = below === "" ? "" : `${below}/`;
  let absent: readonly string[] = [];
  for (const place of places) {
    const files = requiredFiles(spec).map((file) => `${prefix}${file}`);
    const found = await Promise.all(files.map((file) => place.stat(file)));
    const missing = files.filter((_, index) => found[index] === undefined);
    if (missing.length === 0) return { spec, folder: absoluteFolder(place, prefix) };
    if (absent.length === 0) absent = missing.map((file) => absolutePath(place, file));
  }
  const { hub, revision, note } = spec.source;
  const remedies = [
    hub === undefined ? [] : [`download them from https://huggingface.co/${hub} (revision ${revision})`],
    hub === undefined ? [] : [`or give --embedding-algorithm ${hub} to have that done`],
    note === undefined ? [] : [note],
  ].flat();
  throw new ModelError(
    `Cannot load the model ${spec.name} as its weights are not on this machine: ${absent.join(", ")}. ${sentence(remedies.join(", "))}. Licence of the weights: ${spec.licence}`,
  );
}

async function specOfHubId(id: string, places: readonly Storage[]): Promise<ModelSpec | undefined> {
  for (const place of places) {
    for (const path of await specPaths(place)) {
      const spec = await readSpec(place, path);
      if (spec.source.hub?.toLowerCase() === id.toLowerCase()) return spec;
    }
  }
  return undefined;
}

/** Paths `<name>/spec.json` of a folder of models. */
async function specPaths(models: Storage): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { path } of models.list("")) {
    if (path.endsWith(`/${specFile}`) && path.split("/").length === 2) paths.push(path);
  }
  return paths;
}

async function readSpec(models: Storage, path: string): Promise<ModelSpec> {
  const bytes = await models.read(path);
  return parseModelSpec(new TextDecoder().decode(bytes), models.localPath(path) ?? `${models.root}/${path}`);
}

/** transformers.js takes a path that starts at the root for a folder, and any other for a hub id. */
function absolutePath(storage: Storage, path: string): string {
  const local = storage.localPath(path);
  if (local === undefined) {
    throw new ModelError(
      `Cannot load a model as its folder is not on this machine: ${storage.root}. Copy it to a local folder`,
    );
  }
  return local;
}

/** The folder named by a prefix that is empty or ends in "/". */
function absoluteFolder(storage: Storage, prefix: string): string {
  return absolutePath(storage, `${prefix}${specFile}`).slice(0, -specFile.length - 1);
}

function sentence(text: string): string {
  return text === "" ? "Put them there" : text.charAt(0).toUpperCase() + text.slice(1);
}
