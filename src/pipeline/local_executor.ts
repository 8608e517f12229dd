// The executor of one machine: units of a stage run with bounded concurrency, one failing unit never stops the others,
// a finished unit is never done again. What ends the run: a missing tool or model, wrong usage, an interrupt.
import { ClipsieveError, DeviceLostError, InputError, InterruptedError, UsageError } from "../errors.ts";
import type { Stage, StageContext, Unit } from "../stages/stage.ts";
import { AnnouncedStorage, Announcements } from "./announced_storage.ts";
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

  async run(
    stages: readonly Stage[],
    context: StageContext,
    onStage: (result: StageResult) => void | Promise<void> = () => {},
  ): Promise<readonly StageResult[]> {
    const results: StageResult[] = [];
    for (const stage of stages) {
      const started = performance.now();
      const { units, failure } = await this.#runStage(stage, context);
      const result = { name: stage.name, seconds: (performance.now() - started) / 1000, units };
      results.push(result);
      await onStage(result);
      if (failure !== undefined) throw failure.error;
    }
    return results;
  }

  /** `failure` is what ended the stage before its units were all worked. */
  async #runStage(
    stage: Stage,
    context: StageContext,
  ): Promise<{ readonly units: UnitResult[]; readonly failure?: { readonly error: unknown } }> {
    throwIfInterrupted(context.signal);
    const units = await stage.units(context);
    const journal = stage.dryRun ? undefined : new Journal(context.openStorage(stage.outputPath), stage.name);
    const recorded = await removeOrphans(stage, units, journal, context);
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
          results[index] = await runUnit(
            stage,
            units[index]!,
            journal,
            recorded.has(units[index]!.key),
            context,
          );
        } catch (error) {
          failures.push(error);
          return;
        }
        done++;
        report();
      }
    };
    const limit = stage.waits === true ? stage.maxConcurrency : this.#concurrency;
    await Promise.all(Array.from({ length: Math.min(limit, stage.maxConcurrency, units.length) }, work));
    if (failures.length > 0) {
      return {
        units: units.map(({ key }, index) => results[index] ?? notWorked(key)),
        failure: { error: failures[0] },
      };
    }
    logResumed(stage, results, context);
    const broken = missingPart(stage, results);
    return { units: results, ...(broken === undefined ? {} : { failure: { error: broken } }) };
  }
}

/** A video may fail alone; a cluster may not, as later stages would take its clips for gone. */
function missingPart(stage: Stage, results: readonly UnitResult[]): ClipsieveError | undefined {
  const failed = results.filter(({ status }) => status === "failed");
  if (stage.guardsOutput || failed.length === 0) return undefined;
  const [first] = failed;
  return new ClipsieveError(
    `Cannot go on after ${stage.name} as its result is not whole (${failed.length} of ${results.length} ${stage.noun ?? "steps"} failed): ${first!.message}`,
  );
}

/** What is said of a unit that the run did not get to, or did not finish. */
function notWorked(key: string): UnitResult {
  const message = "Not worked, as the run ended before. Start the same command again to go on";
  return { key, status: "failed", reason: "interrupted", message, summary: null };
}

function logResumed({ name, noun }: Stage, results: readonly UnitResult[], { log }: StageContext): void {
  const resumed = results.filter(({ status }) => status === "resumed").length;
  if (resumed === 0) return;
  const share = noun === null ? "" : `${resumed} of ${results.length} ${noun} `;
  log(
    "info",
    `${name}: ${share}finished earlier, nothing to do${noun === null || resumed === results.length ? "" : " there"}`,
  );
}

/** Outputs of units that are not part of this run would otherwise live on beside the new ones. Resolves to the keys on record. */
async function removeOrphans(
  stage: Stage,
  units: readonly Unit[],
  journal: Journal | undefined,
  { log }: StageContext,
): Promise<ReadonlySet<string>> {
  if (journal === undefined) return new Set();
  const wanted = new Set(units.map(({ key }) => key));
  const known = await journal.keys();
  const orphans = known.filter((key) => !wanted.has(key));
  if (orphans.length === 0) return new Set(known);
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
  return new Set(known);
}

async function runUnit(
  stage: Stage,
  unit: Unit,
  journal: Journal | undefined,
  isRecorded: boolean,
  context: StageContext,
): Promise<UnitResult> {
  const finished = isRecorded ? await journal?.finished(unit) : undefined;
  if (finished !== undefined) {
    return { key: unit.key, status: "resumed", reason: null, message: null, summary: finished.summary };
  }
  try {
    if (isRecorded) await journal?.discard(unit.key);
    const outcome = await processWithRebuild(stage, unit, announcing(stage, unit, journal, context));
    await journal?.commit(unit, outcome);
    return { key: unit.key, status: "done", reason: null, message: null, summary: outcome.summary };
  } catch (error) {
    // Half a unit is of no use to anyone. Where even that cannot be removed, the next run does it.
    await journal?.discard(unit.key).catch(() => undefined);
    throwIfInterrupted(context.signal);
    if (error instanceof InputError) {
      context.log(error.skipped ? "info" : "warn", `${unit.key}: ${error.message}`);
      return {
        key: unit.key,
        status: error.skipped ? "skipped" : "failed",
        reason: error.reason,
        message: error.message,
        summary: error.summary,
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

/** The context of a unit whose outputs are named in its record before they are written. */
function announcing(
  { outputPath }: Stage,
  unit: Unit,
  journal: Journal | undefined,
  context: StageContext,
): StageContext {
  if (journal === undefined) return context;
  const announcements = new Announcements(journal, unit);
  return {
    ...context,
    openStorage: (location) => {
      const storage = context.openStorage(location);
      return location === outputPath ? new AnnouncedStorage(storage, announcements) : storage;
    },
    willWrite: (paths) => announcements.add(paths),
  };
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
