// Where models lie: the user's folder (--model-dir) before the one that comes with the package, each model below its name.
// Nothing is downloaded here; weights that are absent are refused with the files that are needed and where they come from.
import { ModelError } from "../errors.ts";
import type { OpenStorage, Storage } from "../io/storage.ts";
import { type OnnxSpec, requiredFiles } from "./onnx_spec.ts";

export interface ModelFolders {
  /** Opens folders of models. */
  readonly openStorage: OpenStorage;
  /** The user's folder of models (--model-dir): <modelDir>/<name>/. It need not exist. */
  readonly modelDir: string;
  /** Folder of the specs that come with the package. Default: models/ beside src/. */
  readonly packagedModels?: string;
}

/** A model whose files are on this machine, or on the hub where the user said so. */
export interface LocatedModel<Spec> {
  readonly spec: Spec;
  /** Absolute path of the folder that holds config.json and onnx/. */
  readonly folder: string;
  /** Set where the user named a hub id: weights come from there and are cached below `cacheFolder`. */
  readonly hub?: { readonly id: string; readonly revision: string; readonly cacheFolder: string };
  /** Set in browsers: the folder of onnxruntime-web, whose WebAssembly computes there. */
  readonly onnxRuntimeUrl?: string;
}

export const specFile = "spec.json";

/** The folder of the packaged specs, found from this module's own place. */
export function packagedModelsFolder(): string {
  return new URL("../../models/", import.meta.url).href;
}

/** The user's folder, then the packaged one. */
export function modelPlaces({
  openStorage,
  modelDir,
  packagedModels,
}: ModelFolders): readonly [own: Storage, packaged: Storage] {
  return [openStorage(modelDir), openStorage(packagedModels ?? packagedModelsFolder())];
}

/** Text of a model's spec and its path, the user's own first; undefined where nobody describes that name. */
export async function specNamed(
  name: string,
  places: readonly Storage[],
): Promise<{ readonly json: string; readonly origin: string } | undefined> {
  const path = `${name}/${specFile}`;
  for (const place of places)
    if ((await place.stat(path)) !== undefined) return await readSpecFile(place, path);
  return undefined;
}

export async function readSpecFile(
  models: Storage,
  path: string,
): Promise<{ readonly json: string; readonly origin: string }> {
  const bytes = await models.read(path);
  return {
    json: new TextDecoder().decode(bytes),
    origin: models.localPath(path) ?? `${models.root}/${path}`,
  };
}

/** Paths `<name>/spec.json` of a folder of models. */
export async function specPaths(models: Storage): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { path } of models.list("")) {
    if (path.endsWith(`/${specFile}`) && path.split("/").length === 2) paths.push(path);
  }
  return paths;
}

/**
 * The first place that has every file of a model below `<below>/`.
 *
 * @param hubRemedy how to have the weights fetched, where the spec names a hub id.
 * @throws ModelError that lists the files absent from the first place, and where they come from.
 */
export async function withWeights<Spec extends OnnxSpec>(
  spec: Spec,
  below: string,
  places: readonly Storage[],
  hubRemedy?: (hub: string) => string,
): Promise<LocatedModel<Spec>> {
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
    hub === undefined || hubRemedy === undefined ? [] : [hubRemedy(hub)],
    note === undefined ? [] : [await withPlaces(note, places.at(-1))],
  ].flat();
  throw new ModelError(
    `Cannot load the model ${spec.name} as its weights are not on this machine: ${absent.join(", ")}. ${sentence(remedies.join(", "))}. Licence of the weights: ${spec.licence}`,
  );
}

/** A note with the packaged files that it names as they lie on this machine: it was written where the package is the folder. */
async function withPlaces(note: string, packaged: Storage | undefined): Promise<string> {
  let text = note;
  for (const [named, path = ""] of note.matchAll(/\bmodels\/([\w./-]+\w)/g))
    if ((await packaged?.stat(path)) !== undefined) text = text.replace(named, absolutePath(packaged!, path));
  return text;
}

/** The folder named by a prefix that is empty or ends in "/". */
export function absoluteFolder(storage: Storage, prefix: string): string {
  return absolutePath(storage, `${prefix}${specFile}`).slice(0, -specFile.length - 1);
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

function sentence(text: string): string {
  return text === "" ? "Put them there" : text.charAt(0).toUpperCase() + text.slice(1);
}
