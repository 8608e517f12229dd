// The executor of one machine: units of a stage run with bounded concurrency, one failing unit never stops the others,
// a finished unit is never done again. What ends the run: a missing tool or model, wrong usage, an interrupt.
import { ClipsieveError, DeviceLostError, InputError, InterruptedError, UsageError } from "../errors.ts";
import type { Stage, StageContext, Unit } from "../stages/stage.ts";
import type { Executor, StageResult, UnitResult } from "./executor.ts";
import { Journal } from "./journal.ts";

export interface LocalExecutorOptions {
  /** Units worked side by side where a stage allows it. More than the cores serve slows everything down. Default 2. */
  readonly concurrency?: number;
}

export class LocalExecutor implements Executor {
  readonly #concurrency: number;

  constructor({ concurrency = 2 }: LocalExecutorOptions = {}) {
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new RangeError(
        `Cannot run with a concurrency that is not a whole number of at least 1: ${concurrency}`,
      );
    }
    this.#concurrency = concurrency;
  }

  async run(stages: readonly Stage[], context: StageContext): Promise<readonly StageResult[]> {
    const results: StageResult[] = [];
    for (const stage of stages) {
      const started = performance.now();
      const units = await this.#runStage(stage, context);
      results.push({ name: stage.name, seconds: (performance.now() - started) / 1000, units });
    }
    return results;
  }

  async #runStage(stage: Stage, context: StageContext): Promise<UnitResult[]> {
    throwIfInterrupted(context.signal);
    const units = await stage.units(context);
    const journal = stage.dryRun ? undefined : new Journal(context.openStorage(stage.outputPath), stage.name);
    await removeOrphans(stage, units, journal, context);
    const results: UnitResult[] = new Array(units.length);
    let next = 0;
    let done = 0;
    const report = (): void => {
      if (stage.noun !== null)
        context.progress({ stage: stage.name, noun: stage.noun, done, total: units.length });
    };
    report();
    const failures: unknown[] = [];
    const work = async (): Promise<void> => {
      while (next < units.length && failures.length === 0) {
        const index = next++;
        try {
          throwIfInterrupted(context.signal);
          results[index] = await runUnit(stage, units[index]!, journal, context);
        } catch (error) {
          failures.push(error);
          return;
        }
        done++;
        report();
      }
    };
    await Promise.all(
      Array.from({ length: Math.min(this.#concurrency, stage.maxConcurrency, units.length) }, work),
    );
    if (failures.length > 0) throw failures[0];
    return results;
  }
}

/** Outputs of units that are not part of this run would otherwise live on beside the new ones. */
async function removeOrphans(
  stage: Stage,
  units: readonly Unit[],
  journal: Journal | undefined,
  { log }: StageContext,
): Promise<void> {
  if (journal === undefined) return;
  const wanted = new Set(units.map(({ key }) => key));
  const known = await journal.keys();
  const orphans = known.filter((key) => !wanted.has(key));
  if (orphans.length === 0) return;
  if (stage.guardsOutput && orphans.length === known.length) {
    throw new UsageError(
      `Cannot write into ${stage.outputPath} as it holds the results of other ${stage.noun ?? "inputs"}: ${orphans[0]}. Choose another --output-path, or start anew with --overwrite`,
    );
  }
  for (const key of orphans) await journal.discard(key);
  log(
    "info",
    `${stage.name}: removed the outputs of ${orphans.length} ${stage.noun ?? "units"} that are not part of this run`,
  );
}

async function runUnit(
  stage: Stage,
  unit: Unit,
  journal: Journal | undefined,
  context: StageContext,
): Promise<UnitResult> {
  const finished = await journal?.finished(unit);
  if (finished !== undefined) {
    return { key: unit.key, status: "resumed", reason: null, message: null, summary: finished.summary };
  }
  try {
    await journal?.discard(unit.key);
    const outcome = await processWithRebuild(stage, unit, context);
    await journal?.commit(unit, outcome);
    return { key: unit.key, status: "done", reason: null, message: null, summary: outcome.summary };
  } catch (error) {
    throwIfInterrupted(context.signal);
    if (error instanceof InputError) {
      context.log(error.skipped ? "info" : "warn", `${unit.key}: ${error.message}`);
      return {
        key: unit.key,
        status: error.skipped ? "skipped" : "failed",
        reason: error.reason,
        message: error.message,
        summary: null,
      };
    }
    // Expected errors that are not about one input (no ffmpeg, no model, no GPU) would fail every other unit too.
    if (error instanceof ClipsieveError) throw error;
    const message = `Cannot work ${unit.key} as clipsieve met an error it did not expect: ${error instanceof Error ? error.message : String(error)}`;
    context.log("warn", message);
    if (error instanceof Error && error.stack !== undefined) context.log("debug", error.stack);
    return { key: unit.key, status: "failed", reason: "internal", message, summary: null };
  }
}

/** A lost device is replaced once per unit: the context hands out a new one on the next request. */
async function processWithRebuild(
  stage: Stage,
  unit: Unit,
  context: StageContext,
): ReturnType<Stage["process"]> {
  try {
    return await stage.process(unit, context);
  } catch (error) {
    if (!(error instanceof DeviceLostError)) throw error;
    context.log(
      "warn",
      `${unit.key}: ${error.message}. Opening the device again and starting this unit over`,
    );
    return await stage.process(unit, context);
  }
}

function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted)
    throw new InterruptedError("Stopped on request. Start the same command again to go on where it stopped");
}
