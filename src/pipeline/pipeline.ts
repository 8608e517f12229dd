// Pipeline: an ordered list of stages with a name, as NeMo Curator's programs are written.
//
//   const pipe = new Pipeline({ name: "video_semantic_dedup" });
//   pipe.addStage(new KMeansStage({ ... })).addStage(new PairwiseStage({ ... }));
//   await pipe.run();
import { ClipsieveError } from "../errors.ts";
import type { Stage, StageContext, StageDescription, StageProgress } from "../stages/stage.ts";
import type { Log } from "../types.ts";
import type { Executor, StageResult } from "./executor.ts";
import { LocalExecutor } from "./local_executor.ts";
import type { Runtime } from "./runtime.ts";

export interface PipelineOptions {
  readonly name: string;
  readonly description?: string;
  readonly stages?: readonly Stage[];
}

export interface PipelineRunOptions {
  /** Default: a LocalExecutor. */
  readonly executor?: Executor;
  /** Where storages, the GPU, ffmpeg and models come from. Supplied by the entry of each runtime. */
  readonly runtime: Runtime;
  readonly log?: Log;
  readonly onProgress?: (event: StageProgress) => void;
  /** Told of each stage when it ends, also when it is cut short. */
  readonly onStage?: (result: StageResult) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface PipelineResult {
  readonly stages: readonly StageResult[];
  readonly seconds: number;
}

export class Pipeline {
  readonly name: string;
  readonly description: string;
  readonly #stages: Stage[];

  constructor({ name, description = "", stages = [] }: PipelineOptions) {
    this.name = name;
    this.description = description;
    this.#stages = [...stages];
  }

  get stages(): readonly Stage[] {
    return this.#stages;
  }

  addStage(stage: Stage): this {
    this.#stages.push(stage);
    return this;
  }

  /** What each stage reads and writes, as text for a person. */
  describe(): string {
    const head =
      this.description === "" ? `Pipeline ${this.name}` : `Pipeline ${this.name}: ${this.description}`;
    return [head, ...this.#stages.map((stage, index) => describeStage(index + 1, stage.describe()))].join(
      "\n",
    );
  }

  /** Runs every stage. Failed units are in the result; what ends the whole run is thrown. */
  async run({
    executor = new LocalExecutor(),
    runtime,
    log = () => {},
    onProgress = () => {},
    onStage,
    signal,
  }: PipelineRunOptions): Promise<PipelineResult> {
    if (this.#stages.length === 0)
      throw new ClipsieveError(
        `Cannot run the pipeline ${this.name} as it has no stages: add one with addStage()`,
      );
    const started = performance.now();
    const context: StageContext = runtime.context({
      log,
      progress: onProgress,
      signal: signal ?? new AbortController().signal,
    });
    const stages = await executor.run(this.#stages, context, onStage);
    return { stages, seconds: (performance.now() - started) / 1000 };
  }
}

function describeStage(position: number, { name, reads, writes, options }: StageDescription): string {
  const rows = Object.entries(options).map(([key, value]) => `       ${key}: ${JSON.stringify(value)}`);
  return [`  ${position}. ${name}: ${reads} -> ${writes}`, ...rows].join("\n");
}
