// Runs a whole command in a process of its own, as a user does, and takes the wall clock from start to end.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface CommandRun {
  readonly seconds: number;
  readonly stdout: string;
}

/** Rejects with the end of what the command said where it fails. */
export async function timeCommand(command: string, args: readonly string[]): Promise<CommandRun> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
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
  });
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${stderr.trim().split("\n").at(-1) ?? ""}`);
  return { seconds, stdout };
}

/** Arguments that start the command line of this checkout, or of the package. */
export function clipsieveArguments(...args: readonly string[]): string[] {
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return [fileURLToPath(new URL(`../src/cli/main${ending}`, import.meta.url)), ...args];
}
