// Runs the smoke suite in headless Chromium: bundled by esbuild, served from this machine (WebGPU needs a secure context,
// which localhost is), driven by playwright-core. Chromium computes with its software adapter.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import type { MediaCase, RefusedFile } from "./media_case.ts";
import type { SmokeResult } from "./smoke.ts";

/** Videos for the page. */
export interface MediaMaterial {
  readonly cases: readonly MediaCase[];
  readonly refused: readonly RefusedFile[];
  /** Base64. */
  readonly damaged: string;
}

const chromiumPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Headless Chromium with WebGPU on its software adapter. */
export async function openChromium(exists: (path: string) => boolean): Promise<Browser> {
  const executablePath = process.env.CLIPSIEVE_CHROMIUM ?? chromiumPaths.find(exists);
  if (executablePath === undefined)
    throw new Error("Cannot test in a browser as there is no Chromium. Run: bash .ci/setup --browser");
  return await chromium.launch({
    executablePath,
    args: [
      ...["--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
      ...[
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
      ],
    ],
  });
}

export async function smokeInChromium(
  exists: (path: string) => boolean,
  material: MediaMaterial,
): Promise<SmokeResult> {
  const [script, worker] = await Promise.all([bundle("browser_main.ts"), bundle("browser_worker.ts")]);
  const files = new Map<string, readonly [type: string, body: string | Uint8Array]>([
    ["/", ["text/html", '<!doctype html><script type="module" src="/smoke.js"></script>']],
    ["/smoke.js", ["text/javascript", script]],
    ["/worker.js", ["text/javascript", worker]],
    ["/ffmpeg-core.js", ["text/javascript", await readFile(coreFile("@ffmpeg/core"))]],
    ["/ffmpeg-core.wasm", ["application/wasm", await readFile(coreFile("@ffmpeg/core/wasm"))]],
    ["/material.json", ["application/json", JSON.stringify(material)]],
  ]);
  const server = createServer((request, response) => {
    const [type, body] = files.get(request.url ?? "/") ?? ["text/plain", ""];
    response.setHeader("content-type", type);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await openChromium(exists);
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const result = await page
      .waitForFunction(() => (globalThis as { smokeResult?: SmokeResult }).smokeResult, undefined, {
        timeout: 110_000,
      })
      .catch((error: unknown) => {
        throw new Error(`The smoke suite did not end in Chromium: ${complaints.join("; ") || String(error)}`);
      });
    return (await result.jsonValue()) as SmokeResult;
  } finally {
    await browser.close();
    server.close();
  }
}

/** The form of the package for `import`, which is the one for module workers. */
function coreFile(specifier: string): string {
  return fileURLToPath(import.meta.resolve(specifier));
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "chrome130",
  });
  return outputFiles[0]!.text;
}
