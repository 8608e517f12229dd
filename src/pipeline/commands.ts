// What each command runs: options in, stages built, executed and recorded. run.json in the output folder is written at the
// end of every command that is not a dry run: also when some inputs failed, and when the run was stopped or broke off.
// A stage is loaded when its command reaches it: a split starts sooner without what dedup and export need.
import { InterruptedError, UsageError } from "../errors.ts";
import type { Storage } from "../io/storage.ts";
import {
  mergeRunRecord,
  parseRunRecord,
  type RunEnding,
  type RunPart,
  type RunRecord,
  runRecordName,
} from "../report/run_record.ts";
import { embeddingFolderSuffix, isResultFolder, layout } from "../stages/output_layout.ts";
import type { Stage } from "../stages/stage.ts";
import type { JsonValue } from "../types.ts";
import { clipsieveVersion, runtimeVersion } from "../version.ts";
import type { ContentOptions } from "../video/content_planner.ts";
import { equalWeights, lumaOnly } from "../video/content_scores.ts";
import type { StageResult } from "./executor.ts";
import { journalFolder } from "./journal.ts";
import { LocalExecutor } from "./local_executor.ts";
import type {
  CommandName,
  DedupCommandOptions,
  ExportCommandOptions,
  RunCommandOptions,
  SplitCommandOptions,
} from "./options.ts";
import { countsOf, inputsOf, noteOf } from "./outcome.ts";
import { Pipeline } from "./pipeline.ts";
import type { RunHooks, Runtime } from "./runtime.ts";

type AnyOptions = SplitCommandOptions | DedupCommandOptions | ExportCommandOptions | RunCommandOptions;

/** Runs a command and resolves to what run.json says of the output folder. */
export async function runCommand(
  command: CommandName,
  options: AnyOptions,
  runtime: Runtime,
  hooks: RunHooks,
): Promise<RunRecord> {
  const output = runtime.openStorage(options.outputPath);
  const dryRun = "dryRun" in options && options.dryRun;
  if (options.overwrite && !dryRun) await clearResults(output);
  const results: StageResult[] = [];
  const executor = new LocalExecutor({ concurrency: options.concurrency });
  const record = async (ending?: RunEnding): Promise<RunRecord> => {
    const part = await partOf(command, options, results, runtime, ending);
    return dryRun ? mergeRunRecord(undefined, part) : await writeRecord(output, part);
  };
  try {
    for (const build of stepsOf(command, options, dryRun)) {
      const stages = await build(runtime, output, results, hooks);
      if (stages.length === 0) break;
      const pipeline = new Pipeline({ name: `clipsieve ${command}`, stages });
      const onStage = async (result: StageResult): Promise<void> => {
        results.push(result);
        // So that what is only known while working (the adapter, the seconds) outlives a process that is killed.
        if (!dryRun && result.units.some(({ status }) => status === "done")) await record(stillRunning);
      };
      await pipeline.run({ ...hooks, executor, runtime, onProgress: hooks.progress, onStage });
    }
  } catch (error) {
    // Where no stage began there is nothing to record, and maybe not even an output folder.
    if (results.length > 0 && !dryRun) await record(endingOf(error, hooks)).catch(() => undefined);
    throw error;
  }
  return await record();
}

const stillRunning: RunEnding = { status: "running", message: "Not finished: it is running, or was killed" };

function endingOf(error: unknown, { signal }: RunHooks): RunEnding {
  const message = error instanceof Error ? error.message : String(error);
  return signal.aborted || error instanceof InterruptedError
    ? { status: "interrupted", message: "Stopped on request" }
    : { status: "failed", message };
}

async function writeRecord(output: Storage, part: RunPart): Promise<RunRecord> {
  const earlier =
    (await output.stat(runRecordName)) === undefined
      ? undefined
      : new TextDecoder().decode(await output.read(runRecordName));
  const record = mergeRunRecord(earlier === undefined ? undefined : parseRunRecord(earlier), part);
  const text = `${JSON.stringify(record, null, 2)}\n`;
  // A finished run that is repeated changes no byte of its results.
  if (text !== earlier) await output.write(runRecordName, text);
  return record;
}

type Step = (
  runtime: Runtime,
  output: Storage,
  results: readonly StageResult[],
  hooks: RunHooks,
) => Promise<readonly Stage[]>;

function stepsOf(command: CommandName, options: AnyOptions, dryRun: boolean): readonly Step[] {
  const split: Step = async () => [await splitStage(options as SplitCommandOptions)];
  const dedup: Step = (...given) =>
    dedupStages(options as DedupCommandOptions & Partial<SplitCommandOptions>, ...given);
  const pack: Step = async () => {
    const { ExportStage } = await import("../stages/export.ts");
    return [new ExportStage(options as ExportCommandOptions)];
  };
  if (command === "split") return [split];
  if (command === "dedup") return [dedup];
  if (command === "export") return [pack];
  if (!(options as RunCommandOptions).generateEmbeddings) {
    throw new UsageError(
      "Cannot run the whole workflow with --no-generate-embeddings as duplicates are found by embeddings. Leave the flag out, or run `clipsieve split`",
    );
  }
  if (dryRun) return [split];
  const noShards: Step = async (_runtime, _output, _results, { log }) => {
    log("warn", "No shards are written, as --no-upload-clips leaves no clips to pack");
    return [];
  };
  return [split, dedup, (options as RunCommandOptions).uploadClips ? pack : noShards];
}

async function splitStage(options: SplitCommandOptions): Promise<Stage> {
  const { SplitStage } = await import("../stages/split.ts");
  const {
    fixedStrideSplitDuration,
    fixedStrideMinClipLengthS,
    transnetv2Threshold,
    transnetv2MinLengthS,
    transnetv2MaxLengthS,
    transnetv2MaxLengthMode,
    transnetv2CropS,
    ...rest
  } = options;
  return new SplitStage({
    ...rest,
    splitDurationSeconds: fixedStrideSplitDuration,
    minClipLengthSeconds: fixedStrideMinClipLengthS,
    transnetv2: {
      threshold: transnetv2Threshold,
      minLengthSeconds: transnetv2MinLengthS,
      maxLengthSeconds: transnetv2MaxLengthS,
      maxLengthMode: transnetv2MaxLengthMode,
      cropSeconds: transnetv2CropS,
    },
    content: contentOptions(options),
  });
}

function contentOptions(options: SplitCommandOptions): ContentOptions {
  return {
    detector: options.contentDetector,
    threshold: options.contentThreshold,
    flashFilter: options.contentFilterMode,
    adaptiveThreshold: options.contentAdaptiveThreshold,
    windowFrames: options.contentFrameWindow,
    minContentScore: options.contentMinContentVal,
    minSceneFrames: options.contentMinSceneLen,
    weights: options.contentLumaOnly ? lumaOnly : equalWeights,
    minLengthSeconds: options.contentMinLengthS,
    maxLengthSeconds: options.contentMaxLengthS,
    maxLengthMode: options.contentMaxLengthMode,
  };
}

async function dedupStages(
  options: DedupCommandOptions & Partial<SplitCommandOptions>,
  runtime: Runtime,
  output: Storage,
  results: readonly StageResult[],
  { log }: RunHooks,
): Promise<readonly Stage[]> {
  const { outputPath, compat } = options;
  const below = (path: string): string => `${outputPath}/${path}`;
  const inputPath = options.inputPath ?? below(await embeddingFolder(options, runtime, output));
  if (results.length > 0 && countsOf(results).clips === 0) {
    log("warn", "No clip was made, so there is nothing to compare or export");
    return [];
  }
  const [{ KMeansStage }, { PairwiseStage }, { IdentifyDuplicatesStage }] = await Promise.all([
    import("../stages/kmeans.ts"),
    import("../stages/pairwise.ts"),
    import("../stages/identify.ts"),
  ]);
  const fields = { idField: options.idField, embeddingField: options.embeddingField };
  const nClusters = compat === "nemo" && options.nClusters === "auto" ? 1000 : options.nClusters;
  return [
    new KMeansStage({ ...options, nClusters, inputPath, outputPath: below(layout.kmeans) }),
    new PairwiseStage({ ...options, inputPath: below(layout.kmeans), outputPath: below(layout.pairwise) }),
    new IdentifyDuplicatesStage({
      ...fields,
      eps: options.eps,
      chain: compat === "nemo",
      kmeansPath: below(layout.kmeans),
      inputPath: below(layout.pairwise),
      outputPath: below(layout.semanticDedup),
    }),
  ];
}

/** Folder of the embeddings below the output: that of the model just used, or the only one there is. */
async function embeddingFolder(
  options: Partial<SplitCommandOptions>,
  runtime: Runtime,
  output: Storage,
): Promise<string> {
  if (options.embeddingAlgorithm !== undefined)
    return layout.embeddingFolder((await runtime.model()).spec.outputPrefix);
  const folders = new Set<string>();
  for await (const { path } of output.list("")) {
    const [first = ""] = path.split("/");
    if (first.endsWith(embeddingFolderSuffix)) folders.add(first);
  }
  const [only, ...others] = folders;
  if (only === undefined) {
    throw new UsageError(
      `Cannot find embeddings as no folder ends in ${embeddingFolderSuffix}: ${output.root}. Run \`clipsieve split\` first, or name a folder with --input-path`,
    );
  }
  if (others.length > 0) {
    throw new UsageError(
      `Cannot tell which embeddings to compare as there are several: ${[...folders].join(", ")}. Name one with --input-path`,
    );
  }
  return only;
}

/** Removes every result of earlier runs, and nothing that clipsieve did not write. */
async function clearResults(output: Storage): Promise<void> {
  for await (const { path } of output.list("")) {
    const [first = ""] = path.split("/");
    if (isResultFolder(first) || path.startsWith(`${journalFolder}/`) || path === runRecordName)
      await output.delete(path);
  }
}

async function partOf(
  command: CommandName,
  options: AnyOptions,
  results: readonly StageResult[],
  runtime: Runtime,
  ending: RunEnding | undefined,
): Promise<RunPart> {
  const [gpu, engine] = await Promise.all([runtime.openedDevice(), runtime.openedEngine()]);
  const inputs = inputsOf(results);
  return {
    ...(inputs === undefined ? {} : { inputs }),
    ...(ending === undefined ? {} : { ending }),
    counts: countsOf(results),
    whole: command === "run",
    stages: results.map((result) => ({
      name: result.name,
      seconds: Number(result.seconds.toFixed(3)),
      worked: result.units.some(({ status }) => status === "done"),
      note: noteOf(result),
    })),
    adapter: (gpu?.adapter ?? null) as unknown as JsonValue,
    options: options as unknown as Readonly<Record<string, JsonValue>>,
    versions: {
      clipsieve: clipsieveVersion,
      runtime: runtimeVersion(),
      ...(engine === undefined ? {} : { ffmpeg: engine.version }),
    },
  };
}
