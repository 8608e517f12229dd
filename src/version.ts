// The version of clipsieve and of what it runs on, for run.json, --version and doctor.

/** Kept equal to package.json by a test. */
export const clipsieveVersion = "0.1.0";

interface RuntimeGlobals {
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly Bun?: { readonly version: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
}

/** "node 24.21.0", "deno 2.9.6", "bun 1.4.5" or "browser". */
export function runtimeVersion(): string {
  const { Deno, Bun, process } = globalThis as unknown as RuntimeGlobals;
  if (Deno !== undefined) return `deno ${Deno.version.deno}`;
  if (Bun !== undefined) return `bun ${Bun.version}`;
  return process?.versions?.node === undefined ? "browser" : `node ${process.versions.node}`;
}
