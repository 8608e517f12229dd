// What is used of @ffmpeg/core, ffmpeg compiled to WebAssembly. One instance serves one run: a second run in the same
// instance finds ffmpeg's globals as the first left them (log level, counters), so a new one is made from the compiled module.

export interface FfmpegCore {
  /** Runs ffmpeg to its end, blocking; gives the exit code. */
  exec(...args: string[]): number;
  /** Runs ffprobe to its end, blocking. What it returns says nothing: look at what it wrote. */
  ffprobe(...args: string[]): number;
  /** Ends `exec` once it has run for so many milliseconds; looked at between frames. */
  setTimeout(milliseconds: number): void;
  setLogger(logger: (entry: { readonly type: string; readonly message: string }) => void): void;
  readonly FS: {
    open(path: string, flags: "a"): { readonly fd: number };
    writeFile(path: string, content: Uint8Array | string): void;
    readFile(path: string): Uint8Array;
    readFile(path: string, options: { readonly encoding: "utf8" }): string;
    unlink(path: string): void;
    analyzePath(path: string): { readonly exists: boolean };
    lookupPath(path: string): { readonly node: CoreFileNode };
  };
}

/** A file in the memory of Emscripten's file system. */
export interface CoreFileNode {
  usedBytes: number;
  stream_ops: {
    readonly read: (
      stream: unknown,
      memory: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ) => number;
  };
}

/** The default export of @ffmpeg/core. */
export type CreateCore = (module: {
  readonly instantiateWasm: (
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
  ) => Record<string, never>;
}) => Promise<FfmpegCore>;

/** A factory of fresh instances from the bytes of the module, compiled once. */
export async function coreFactory(
  create: CreateCore,
  wasmBinary: Uint8Array<ArrayBuffer>,
): Promise<() => Promise<FfmpegCore>> {
  const module = await WebAssembly.compile(wasmBinary);
  return () =>
    new Promise((resolve, reject) => {
      const instantiateWasm: Parameters<CreateCore>[0]["instantiateWasm"] = (imports, receive) => {
        WebAssembly.instantiate(module, imports).then((instance) => receive(instance, module), reject);
        return {};
      };
      withLocation(() => create({ instantiateWasm })).then(resolve, reject);
    });
}

/**
 * The core takes itself to run in a web worker and reads `self.location` while it starts. Outside browsers that is given
 * for just so long: other libraries would take a lasting `self` for a worker, too.
 */
function withLocation<T>(start: () => T): T {
  if (typeof self !== "undefined" && typeof self.location?.href === "string") return start();
  const names = ["self", "location"] as const;
  const before = names.map((name) => Object.getOwnPropertyDescriptor(globalThis, name));
  define("self", globalThis);
  define("location", { href: "file:///" });
  try {
    return start();
  } finally {
    names.forEach((name, i) => {
      const descriptor = before[i];
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    });
  }
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
