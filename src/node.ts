// The entry of Node, Deno and Bun: all of mod.ts, and a Pipeline that runs without naming a runtime, as files, ffmpeg and
// a GPU are there.
import { type NodeRuntimeOptions, nodeRuntime } from "./node_runtime.ts";
import {
  Pipeline as CorePipeline,
  type PipelineResult,
  type PipelineRunOptions,
} from "./pipeline/pipeline.ts";
import type { Log } from "./types.ts";

export { FileStorage } from "./io/file_storage.ts";
export { openStorage } from "./io/open_storage.ts";
export { openMediaEngine } from "./media/open_media_engine.ts";
export * from "./mod.ts";
export { type NodeRuntimeOptions, nodeRuntime } from "./node_runtime.ts";
export { runCommand } from "./pipeline/commands.ts";
export type {
  DedupCommandOptions,
  ExportCommandOptions,
  RunCommandOptions,
  SplitCommandOptions,
} from "./pipeline/options.ts";
export type { RunRecord } from "./report/run_record.ts";
export { ExportStage, type ExportStageOptions, type ExportSummary } from "./stages/export.ts";

export type NodePipelineRunOptions = Partial<PipelineRunOptions> & NodeRuntimeOptions;

/** Warnings must not pass in silence; a program that wants more, or none, gives its own `log`. */
const logWarnings: Log = (level, message) => {
  if (level === "warn" || level === "error") console.warn(message);
};

/** A Pipeline whose `run` opens files, ffmpeg and the GPU by itself and closes them after. Warnings go to the console. */
export class Pipeline extends CorePipeline {
  override async run(options: NodePipelineRunOptions = {}): Promise<PipelineResult> {
    const given = { log: logWarnings, ...options };
    if (options.runtime !== undefined) return await super.run({ ...given, runtime: options.runtime });
    const runtime = nodeRuntime(options);
    try {
      return await super.run({ ...given, runtime });
    } finally {
      await runtime.close();
    }
  }
}
