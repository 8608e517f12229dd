// The four working commands (split, dedup, export, run): options in, pipeline run, summary out.
import type { Command } from "commander";
import { stringify as toYaml } from "yaml";
import { InterruptedError } from "../errors.ts";
import { nodeRuntime } from "../node_runtime.ts";
import { runCommand } from "../pipeline/commands.ts";
import { type CommandName, commandOptions } from "../pipeline/options.ts";
import { exitCodeOf, type RunRecord } from "../report/run_record.ts";
import { readConfig, resolveOptions } from "./config.ts";
import { kebab, typedOptions } from "./flags.ts";
import { summaryLines } from "./summary.ts";
import { openTerminal } from "./terminal.ts";

interface OutputFlags {
  readonly config?: string;
  readonly printConfig?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly logFormat: "text" | "json";
}

/** Seconds that a first Ctrl-C leaves for ending in order; a second one ends at once. */
const drainSeconds = 5;

export async function work(name: CommandName, command: Command): Promise<number> {
  const flags = command.opts<OutputFlags>();
  const config = flags.config === undefined ? {} : await readConfig(flags.config);
  const options = resolveOptions(name, config, typedOptions(command, commandOptions[name]));
  if (flags.printConfig === true) {
    process.stdout.write(
      toYaml(Object.fromEntries(Object.entries(options).map(([key, value]) => [kebab(key), value]))),
    );
    return 0;
  }
  const terminal = openTerminal({
    quiet: flags.quiet ?? false,
    verbose: flags.verbose ?? false,
    format: flags.logFormat,
  });
  const interrupt = interruptible((message) => terminal.log("warn", message));
  const runtime = nodeRuntime(options);
  let record: RunRecord;
  try {
    record = await runCommand(name, options, runtime, {
      log: terminal.log,
      progress: terminal.progress,
      signal: interrupt.signal,
    });
  } catch (error) {
    // Whatever a cancelled step throws, the reason is the interrupt.
    if (interrupt.signal.aborted && !(error instanceof InterruptedError)) {
      throw new InterruptedError(
        "Stopped on request. Start the same command again to go on where it stopped",
      );
    }
    throw error;
  } finally {
    terminal.close();
    interrupt.release();
    await runtime.close();
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(record)}\n`);
  if (flags.quiet !== true)
    for (const line of summaryLines(name, options, record)) terminal.log("info", line);
  return exitCodeOf(record);
}

/** A signal that Ctrl-C or SIGTERM aborts; the second time the process ends at once. */
function interruptible(say: (message: string) => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    say("Stopping: finishing what cannot be left half done. Press Ctrl-C again to end at once");
    controller.abort();
    setTimeout(() => process.exit(130), drainSeconds * 1000).unref();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
