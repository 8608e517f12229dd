// The four working commands (split, dedup, export, run): options in, pipeline run, summary out.
import { dirname } from "node:path";
import type { Command } from "commander";
import { InterruptedError, UsageError } from "../errors.ts";
import { openStorage } from "../io/open_storage.ts";
import { acquireRunLock } from "../io/run_lock.ts";
import type { runCommand } from "../pipeline/commands.ts";
import { type CommandName, commandOptions } from "../pipeline/options.ts";
import { exitCodeOf, type RunRecord } from "../report/run_record.ts";
import { isResultFolder } from "../stages/output_layout.ts";
import { readConfig, resolveOptions } from "./config.ts";
import { kebab, outputFlags, typedOptions } from "./flags.ts";
import { nemoFlagsWithoutEffect } from "./nemo_flags.ts";
import { finishedLine, nothingMadeLine, summaryLines } from "./summary.ts";
import { openTerminal, type Terminal } from "./terminal.ts";

interface OutputFlags {
  readonly config?: string;
  readonly printConfig?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly logFormat: "text" | "json";
}

/** Seconds that a first Ctrl-C leaves for ending in order; a second one ends at once. */
const drainSeconds = 4;

export async function work(name: CommandName, command: Command): Promise<number> {
  const typedFlags = command.opts<OutputFlags>();
  const config = typedFlags.config === undefined ? {} : await readConfig(typedFlags.config);
  const flags = { ...typedFlags, ...outputFlagsOf(command, config) };
  const withoutEffect = nemoFlagsWithoutEffect(command);
  const options = resolveOptions(name, config, typedOptions(command, commandOptions[name]));
  if (flags.printConfig === true) {
    const { stringify: toYaml } = await import("yaml");
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
  if (withoutEffect.length > 0)
    terminal.log("warn", `Passed over, as they have no effect here: ${withoutEffect.join(", ")}`);
  const record = await locked(options, terminal, () => runInterruptibly(name, options, terminal));
  if (flags.json === true) process.stdout.write(`${JSON.stringify(record)}\n`);
  if (flags.logFormat === "json") terminal.log("info", finishedLine(record));
  else for (const line of summaryLines(name, options, record)) terminal.log("info", line);
  const nothing = nothingMadeLine(name, record);
  if (nothing !== undefined) terminal.log("warn", nothing);
  return exitCodeOf(record, name === "split" || name === "run");
}

/** What a configuration file says of the output, where nothing was typed. */
function outputFlagsOf(command: Command, config: Record<string, unknown>): Partial<OutputFlags> {
  const found: Record<string, unknown> = {};
  for (const key of outputFlags) {
    const value = config[key];
    delete config[key];
    if (value === undefined || command.getOptionValueSource(key) === "cli") continue;
    const fits = key === "logFormat" ? value === "text" || value === "json" : typeof value === "boolean";
    if (!fits) {
      throw new UsageError(
        `Cannot use --${kebab(key)} as it must be ${key === "logFormat" ? "text or json" : "true or false"}: ${JSON.stringify(value)}`,
      );
    }
    found[key] = value;
  }
  return found;
}

/** Holds the output folder while `action` runs. A dry run writes nothing, so it needs no lock. */
async function locked<T>(
  options: { readonly outputPath: string; readonly dryRun?: boolean },
  { log }: Terminal,
  action: () => Promise<T>,
): Promise<T> {
  const inside = openStorage(options.outputPath).localPath("inside");
  if (options.dryRun === true || inside === undefined) return await action();
  const lock = await acquireRunLock(dirname(inside), isResultFolder);
  if (lock.takenOver !== undefined) log("info", `${lock.takenOver}: what it had not finished is done anew`);
  try {
    return await action();
  } finally {
    await lock.release();
  }
}

async function runInterruptibly(
  name: CommandName,
  options: Parameters<typeof runCommand>[1],
  terminal: Terminal,
): Promise<RunRecord> {
  const interrupt = interruptible(terminal);
  // Loaded only now: what is wrong with the options is said at once.
  const [{ nodeRuntime }, { runCommand }] = await Promise.all([
    import("../node_runtime.ts"),
    import("../pipeline/commands.ts"),
  ]);
  const runtime = nodeRuntime(options);
  try {
    return await runCommand(name, options, runtime, {
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
}

/** A signal that Ctrl-C, SIGTERM or a closed terminal (SIGHUP) aborts; the second time the process ends at once. */
function interruptible({ log, close }: Terminal): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const endNow = (): void => {
    close();
    process.exit(130);
  };
  const onSignal = (): void => {
    if (controller.signal.aborted) endNow();
    log("warn", "Stopping. Press Ctrl-C again to end at once");
    controller.abort();
    setTimeout(endNow, drainSeconds * 1000).unref();
  };
  // A terminal that closes may tell it twice, by the system and by the shell.
  const onHangup = (): void => {
    if (!controller.signal.aborted) onSignal();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("SIGHUP", onHangup);
  return {
    signal: controller.signal,
    release: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      process.off("SIGHUP", onHangup);
    },
  };
}
