// Every option of the program, once: name, kind, default, bounds and the sentence that explains it. The command line,
// configuration files and the library all read these tables. Names are those of NeMo Curator's tutorials.
import * as v from "valibot";
import { DEFAULT_MAX_CLIPS_PER_VIDEO, DEFAULT_MEDIA_LIMITS } from "../limits.ts";

const text = (description: string) => v.pipe(v.string(), v.minLength(1), v.description(description));
const flag = (description: string, initial = false) =>
  v.optional(v.pipe(v.boolean(), v.description(description)), initial);
const positive = (description: string) =>
  v.pipe(v.number(), v.minValue(Number.MIN_VALUE), v.description(description));
const notNegative = (description: string) => v.pipe(v.number(), v.minValue(0), v.description(description));
const count = (description: string, least = 1) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.description(description));
const choice = <const T extends readonly string[]>(options: T, description: string) =>
  v.pipe(v.picklist(options), v.description(description));

/** Options of every command that works on an output folder. */
export const generalOptions = {
  outputPath: text("Folder that receives all results"),
  device: v.optional(
    choice(
      ["auto", "gpu", "software"],
      "Where to compute: a real GPU, a software adapter, or the best there is",
    ),
    "auto",
  ),
  compat: v.optional(
    choice(
      ["none", "nemo"],
      "nemo: follow NeMo Curator where clipsieve does better by default (ids from absolute paths, chained removal, 1000 clusters)",
    ),
    "none",
  ),
  concurrency: v.optional(count("Videos, and parts of long videos, worked side by side"), 2),
  overwrite: flag("Start anew: remove what earlier runs left in the output folder"),
};

/** Names and defaults of PySceneDetect, behind `content`. */
const contentOptions = {
  contentDetector: v.optional(
    choice(
      ["content", "adaptive"],
      "What is a cut with --splitting-algorithm content: a large change of content, or one that stands out from the changes around it, so that fast movement is none",
    ),
    "content",
  ),
  contentThreshold: v.optional(
    notNegative(
      "content: change of hue, saturation and brightness from frame to frame that is a cut, 0 to 255",
    ),
    27,
  ),
  contentFilterMode: v.optional(
    choice(
      ["merge", "suppress"],
      "content: a run of changes too close together is one cut at its end, or all after the first are ignored",
    ),
    "merge",
  ),
  contentAdaptiveThreshold: v.optional(
    notNegative("adaptive: how many times as large as the changes around it a change must be"),
    3,
  ),
  contentFrameWindow: v.optional(count("adaptive: frames before and after that are around a change"), 2),
  contentMinContentVal: v.optional(notNegative("adaptive: change that is the least for a cut, 0 to 255"), 15),
  contentMinSceneLen: v.optional(count("content, adaptive: frames from one cut to the next at least", 0), 15),
  contentLumaOnly: flag("content, adaptive: compare the brightness alone"),
  contentMinLengthS: v.optional(notNegative("content, adaptive: shorter scenes are dropped, in seconds"), 2),
  contentMaxLengthS: v.optional(
    notNegative("content, adaptive: longer scenes are divided or truncated, in seconds; 0: none is"),
    10,
  ),
  contentMaxLengthMode: v.optional(
    choice(["stride", "truncate"], "content, adaptive: what is done with scenes that are too long"),
    "stride",
  ),
};

export const splitOptions = {
  videoDir: text("Folder of videos, searched at any depth, or one video file"),
  modelDir: v.optional(text("Folder with the weights of models that are not built in"), "./models"),
  videoLimit: v.optional(count("Work at most this many videos, in order of their paths")),
  splittingAlgorithm: v.optional(
    choice(["fixed_stride", "transnetv2", "content"], "How clips are cut"),
    "fixed_stride",
  ),
  fixedStrideSplitDuration: v.optional(
    positive("Length of a clip and distance between clip starts, in seconds"),
    10,
  ),
  fixedStrideMinClipLengthS: v.optional(
    notNegative("A last clip shorter than this is dropped, in seconds"),
    2,
  ),
  transnetv2Threshold: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.maxValue(1),
      v.description("TransNetV2: a frame that is a transition with more than this probability is a cut"),
    ),
    0.4,
  ),
  transnetv2MinLengthS: v.optional(
    notNegative("TransNetV2: scenes shorter than this are dropped, in seconds; 0 keeps all"),
    2,
  ),
  transnetv2MaxLengthS: v.optional(
    notNegative("TransNetV2: the longest clip, in seconds; 0 sets no limit"),
    10,
  ),
  transnetv2MaxLengthMode: v.optional(
    choice(
      ["stride", "truncate"],
      "TransNetV2: cut longer scenes into clips one after the other, or keep their start alone",
    ),
    "stride",
  ),
  transnetv2CropS: v.optional(
    notNegative("TransNetV2: seconds that a scene loses beside each cut, as cuts may be gradual"),
    0.5,
  ),
  ...contentOptions,
  limitClips: v.optional(count("Keep at most this many clips of each video; 0 keeps all", 0), 0),
  transcodeEncoder: v.optional(
    text(
      "Video encoder: auto, libx264, h264_nvenc, libopenh264, libvpx-vp9, or any other of your ffmpeg; copy: encode nothing and cut at the nearest key frames",
    ),
    "auto",
  ),
  transcodeEncoderThreads: v.optional(count("Threads of the video encoder; 0 lets it choose", 0), 0),
  uploadClips: flag("Write the clips as mp4 files", true),
  embeddingAlgorithm: v.optional(
    text("Model that embeds clips: builtin, the name of a model spec, a folder, or a Hugging Face id"),
    "builtin",
  ),
  frameSource: v.optional(
    choice(
      ["all", "keyframes"],
      "Frames that embeddings see, spread over the clip: any, or key frames alone; where clips are copied or not written nothing else is decoded, several times as fast",
    ),
    "all",
  ),
  generateEmbeddings: flag("Embed the clips", true),
  motionFilter: v.optional(
    choice(
      ["disable", "enable", "score-only"],
      "Drop clips without motion (enable), or record their motion only (score-only)",
    ),
    "disable",
  ),
  motionGlobalMeanThreshold: v.optional(
    notNegative(
      "Clips whose mean motion per frame is below are dropped, as a share of the picture's width + height",
    ),
    0.00098,
  ),
  motionPerPatchMin256Threshold: v.optional(
    notNegative(
      "Clips with a patch of about 256 x 256 pixels whose motion is below are dropped; 0 looks at the mean alone",
    ),
    1e-6,
  ),
  motionDecodeTargetFps: v.optional(
    positive("Pairs of frames compared for motion per second of a clip at most"),
    2,
  ),
  motionDecodeTargetDurationRatio: v.optional(
    notNegative("Share of those pairs that is enough, spread over the clip; ten are compared in any case"),
    0.5,
  ),
  generatePreviews: flag("Write an animated WebP of each clip, or of each 256 frames of longer ones"),
  previewTargetFps: v.optional(positive("Frames that a preview shows per second of the clip"), 1),
  previewTargetHeight: v.optional(count("Height of previews in pixels; lower videos keep theirs", 2), 240),
  clipReChunkSize: v.optional(count("Clips of 8 seconds that one metadata chunk holds"), 32),
  strict: flag(
    "Fail a video at the first complaint of its decoder, instead of keeping the clips that decode; decode each written clip back, too",
  ),
  maxPixels: v.optional(
    count("Most pixels of a frame; a video with larger ones fails"),
    DEFAULT_MEDIA_LIMITS.maxPixels,
  ),
  maxFramesPerVideo: v.optional(
    count("Most frames of a video; one with more fails"),
    DEFAULT_MEDIA_LIMITS.maxFrames,
  ),
  maxClipsPerVideo: v.optional(
    count("Most clips of a video; one that would give more fails"),
    DEFAULT_MAX_CLIPS_PER_VIDEO,
  ),
  ffmpegIdleTimeoutS: v.optional(
    positive("End ffmpeg when it gives no sign of life for so many seconds"),
    DEFAULT_MEDIA_LIMITS.idleSeconds,
  ),
  ffmpegTimeoutS: v.optional(
    positive("End a run of ffmpeg that takes so many seconds; a video takes several runs"),
    DEFAULT_MEDIA_LIMITS.wallSeconds,
  ),
  dryRun: flag("Probe the videos and plan the clips; write nothing at all"),
};

export const dedupOptions = {
  inputPath: v.optional(
    text("Folder with the embeddings; default: the one *_embd_parquet folder of the output folder"),
  ),
  inputFiletype: v.optional(choice(["parquet", "jsonl"], "Format of the embeddings"), "parquet"),
  idField: v.optional(text("Column with the ids"), "id"),
  embeddingField: v.optional(text("Column with the embeddings"), "embedding"),
  embeddingDim: v.optional(count("Expected dimension of the embeddings; another one is used with a warning")),
  nClusters: v.optional(
    v.pipe(
      v.union([v.literal("auto"), v.pipe(v.number(), v.integer(), v.minValue(1))]),
      v.description(
        "Number of k-means clusters; auto: as many as take the least work, at most one for a thousand embeddings",
      ),
    ),
    "auto",
  ),
  init: v.optional(
    choice(
      ["k-means||", "k-means++", "random"],
      "First centroids: spread out over a few passes, one after the other, or random embeddings, which cost nothing",
    ),
    "k-means||",
  ),
  spherical: flag("Scale centroids to length 1 after each round, as spherical k-means does"),
  maxIter: v.optional(count("Most k-means rounds"), 300),
  fitDataFraction: v.optional(
    v.pipe(
      v.number(),
      v.gtValue(0),
      v.maxValue(1),
      v.description("Share of the embeddings that centroids are fitted on; all are then assigned once"),
    ),
    1,
  ),
  tol: v.optional(
    notNegative("k-means stops when a round improves the objective by less than this share"),
    1e-4,
  ),
  randomState: v.optional(count("Seed of everything random", 0), 42),
  whichToKeep: v.optional(
    choice(
      ["hard", "easy", "random"],
      "Which clip of a group of duplicates stays: the farthest from its centroid, the closest, or any",
    ),
    "hard",
  ),
  simMetric: v.optional(
    choice(
      ["cosine", "l2"],
      "Distance to the centroid that ranks clips; similarity itself is always the cosine",
    ),
    "cosine",
  ),
  scores: v.optional(
    choice(
      ["exact", "thresholded"],
      "Similarities that the pairwise step writes: exact ones for every clip, or, in a fraction of the time, only those of 1 - eps and above; the duplicates are the same",
    ),
    "exact",
  ),
  pairwiseBatchSize: v.optional(
    count("Rows of a cluster that one GPU dispatch compares; the result does not depend on it"),
    1024,
  ),
  eps: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.ltValue(1),
      v.description("A clip is a duplicate when its similarity to a kept clip is at least 1 - eps"),
    ),
    0.01,
  ),
};

export const exportOptions = {
  samplesPerShard: v.optional(count("Most clips in one tar shard"), 10_000),
  bytesPerShard: v.optional(count("Most bytes in one tar shard"), 1_000_000_000),
};

export const commandOptions = {
  split: { ...splitOptions, ...generalOptions },
  dedup: { ...dedupOptions, ...generalOptions },
  export: { ...exportOptions, ...generalOptions },
  run: { ...splitOptions, ...dedupOptions, ...exportOptions, ...generalOptions },
} as const;

export type CommandName = keyof typeof commandOptions;

const splitSchema = v.strictObject(commandOptions.split);
const dedupSchema = v.strictObject(commandOptions.dedup);
const exportSchema = v.strictObject(commandOptions.export);
const runSchema = v.strictObject(commandOptions.run);

export const commandSchemas = {
  split: splitSchema,
  dedup: dedupSchema,
  export: exportSchema,
  run: runSchema,
} as const;

export type SplitCommandOptions = v.InferOutput<typeof splitSchema>;
export type DedupCommandOptions = v.InferOutput<typeof dedupSchema>;
export type ExportCommandOptions = v.InferOutput<typeof exportSchema>;
export type RunCommandOptions = v.InferOutput<typeof runSchema>;
