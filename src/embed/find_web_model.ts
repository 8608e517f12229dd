// A model for a page: its folder (spec.json, config.json, onnx/) and the files of onnxruntime-web are served by the page's
// own origin, and nothing comes from anywhere else. transformers.js takes such a folder by its path alone, and calls
// whatever else it can think of remote.
import { ModelError } from "../errors.ts";
import type { FoundModel } from "./find_model.ts";
import { parseModelSpec } from "./spec.ts";

export interface WebModelUrls {
  /** Folder of a model as this package has it in models/. */
  readonly modelUrl: string;
  /** Folder dist/ of onnxruntime-web. */
  readonly onnxRuntimeUrl: string;
}

/** Rejects with ModelError where the folder has no spec, or lies on another origin. */
export async function findWebModel({ modelUrl, onnxRuntimeUrl }: WebModelUrls): Promise<FoundModel> {
  const folder = new URL(withSlash(modelUrl), location.href);
  if (folder.origin !== location.origin) {
    throw new ModelError(
      `Cannot load a model as it is served by another origin than the page: ${folder.href}. Serve its folder from ${location.origin}.`,
    );
  }
  const specUrl = new URL("spec.json", folder).href;
  const response = await fetch(specUrl).catch((cause: unknown) => {
    throw new ModelError(`Cannot read a model spec as the network failed: ${specUrl}`, { cause });
  });
  if (!response.ok) {
    throw new ModelError(`Cannot read a model spec as the server answers ${response.status}: ${specUrl}`);
  }
  return {
    spec: parseModelSpec(await response.text(), specUrl),
    folder: folder.pathname.replace(/\/$/, ""),
    onnxRuntimeUrl: new URL(withSlash(onnxRuntimeUrl), location.href).href,
  };
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
