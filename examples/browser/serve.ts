// Serves the page of this folder: its scripts bundled by esbuild, and beside them what a page of its own would serve too,
// the model, onnxruntime-web and ffmpeg as WebAssembly. `node examples/browser/serve.ts [port]`
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = import.meta.dirname;
const ffmpegFolder = dirname(fileURLToPath(import.meta.resolve("@ffmpeg/core")));
const onnxFolder = dirname(fileURLToPath(import.meta.resolve("onnxruntime-web")));

/** Folders that are served as they are, by the first part of a path. */
const folders: Readonly<Record<string, string>> = {
  models: join(here, "../../models"),
  ffmpeg: ffmpegFolder,
  onnxruntime: onnxFolder,
};

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export interface ServedPage {
  readonly url: string;
  close(): void;
}

/** @param port 0 takes a free one. */
export async function servePage(port: number): Promise<ServedPage> {
  const { outputFiles } = await build({
    entryPoints: [join(here, "main.ts"), join(here, "media_worker.ts")],
    ...{ bundle: true, write: false, outdir: here, format: "esm", platform: "browser", target: "chrome130" },
  });
  const scripts = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  const bodyOf = async (path: string): Promise<Uint8Array> => {
    if (path === "/") return await readFile(join(here, "index.html"));
    const [first = "", ...rest] = path.slice(1).split("/");
    const folder = folders[first];
    const body = folder === undefined ? scripts.get(first) : await readFile(join(folder, ...rest));
    if (body === undefined) throw new Error(`nothing is served at ${path}`);
    return body;
  };
  const server = createServer(async (request, response) => {
    // URL parsing takes ".." out of a path, so nothing outside the folders is reached.
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    try {
      const body = await bodyOf(pathname);
      response.setHeader("content-type", types[extname(pathname) || ".html"] ?? "application/octet-stream");
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end("not found");
    }
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${taken}/`, close: () => server.close() };
}

if (import.meta.main) {
  const { url } = await servePage(Number(process.argv[2] ?? 8080));
  console.log(`Open ${url}`);
}
