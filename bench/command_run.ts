// Runs a whole command in a process of its own, as a user does, and takes the wall clock from start to end.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { childrenCpuSeconds, PeakMemory } from "./process_tree.ts";

export interface CommandRun {
  readonly seconds: number;
  /** Of the command and all that it started; null where the system does not tell. Other commands must not end meanwhile. */
  readonly cpuSeconds: number | null;
  /** Largest resident memory of the command and all that it started, together. */
  readonly peakBytes: number | null;
  readonly stdout: string;
}

/** Rejects with the end of what the command said where it fails. */
export async function timeCommand(command: string, args: readonly string[]): Promise<CommandRun> {
  const cpuBefore = childrenCpuSeconds();
  const started = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const memory = child.pid === undefined ? undefined : new PeakMemory(child.pid);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr = (stderr + bytes.toString()).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  }).finally(() => memory?.stop());
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr.trim().split("\n").at(-1) ?? ""}`);
  const cpuAfter = childrenCpuSeconds();
  const cpuSeconds = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
  return { seconds, cpuSeconds, peakBytes: memory?.stop() ?? null, stdout };
}

/** Arguments that start the command line of this checkout, or of the package. */
export function clipsieveArguments(...args: readonly string[]): string[] {
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return [fileURLToPath(new URL(`../src/cli/main${ending}`, import.meta.url)), ...args];
}
