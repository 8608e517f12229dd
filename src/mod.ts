// The web-safe entry: pipeline, stages and storages that need neither files, nor ffmpeg, nor Node. A type check with browser
// libraries alone proves it. Node, Deno and Bun import node.ts, which adds the rest.
export type { Encoder } from "./embed/encoder.ts";
export type { FoundModel } from "./embed/find_model.ts";
export type { WebModelUrls } from "./embed/find_web_model.ts";
export type { ModelSpec } from "./embed/spec.ts";
export * from "./errors.ts";
export type { AdapterSummary } from "./gpu/adapter.ts";
export { GpuContext, type GpuContextOptions } from "./gpu/context.ts";
export { BlobStorage } from "./io/blob_storage.ts";
export { MemoryStorage } from "./io/memory_storage.ts";
export type { ColumnSpec, ColumnValues } from "./io/parquet_columns.ts";
export { openEmbeddingFile, readTable } from "./io/parquet_read.ts";
export { createParquetWriter, type ParquetWriter, writeTable } from "./io/parquet_write.ts";
export type { ObjectWriter, OpenStorage, Storage, StoredObject } from "./io/storage.ts";
export type * from "./media/engine.ts";
export {
  openWebMediaEngine,
  type WasmWorkerOptions,
  type WebMediaEngineOptions,
} from "./media/open_web_media_engine.ts";
export { serveWasmEngine } from "./media/wasm/serve_wasm_engine.ts";
export type { Executor, StageResult, UnitResult } from "./pipeline/executor.ts";
export { LocalExecutor, type LocalExecutorOptions } from "./pipeline/local_executor.ts";
export {
  Pipeline,
  type PipelineOptions,
  type PipelineResult,
  type PipelineRunOptions,
} from "./pipeline/pipeline.ts";
export { Runtime, type RuntimeParts } from "./pipeline/runtime.ts";
export {
  IdentifyDuplicatesStage,
  type IdentifyDuplicatesStageOptions,
  type IdentifySummary,
} from "./stages/identify.ts";
export { KMeansStage, type KMeansStageOptions, type KMeansSummary } from "./stages/kmeans.ts";
export { PairwiseStage, type PairwiseStageOptions, type PairwiseSummary } from "./stages/pairwise.ts";
export { SplitStage, type SplitStageOptions } from "./stages/split.ts";
export type { SplitSummary } from "./stages/split_summary.ts";
export type {
  Stage,
  StageContext,
  StageDescription,
  StageProgress,
  StorageKwargs,
  Unit,
  UnitOutcome,
} from "./stages/stage.ts";
export type * from "./types.ts";
export { clipsieveVersion } from "./version.ts";
export type { ContentOptions } from "./video/content_planner.ts";
export type { FoundShotModel, ShotModel } from "./video/shot_model.ts";
export type { SceneCut } from "./video/span_planner.ts";
export type { SplittingAlgorithm, SplittingOptions } from "./video/span_planners.ts";
export type { SceneRules } from "./video/transnet_spans.ts";
export { type WebRuntimeOptions, webRuntime } from "./web_runtime.ts";
