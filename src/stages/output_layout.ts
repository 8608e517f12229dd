// Where everything lies in an output folder: NeMo Curator's tree, with the parts of clipsieve beside it. The one place
// that knows these names.

export const layout = {
  clip: (id: string): string => `clips/${id}.mp4`,
  filteredClip: (id: string): string => `filtered_clips/${id}.mp4`,
  /** Frames of the clip, the last included. */
  preview: (id: string, firstFrame: number, lastFrame: number): string =>
    `previews/${id}/${firstFrame}_${lastFrame}.webp`,
  clipMetadata: (id: string): string => `metas/v0/${id}.json`,
  videoRecord: (relativePath: string): string => `processed_videos/${storableName(relativePath)}.json`,
  chunkRecord: (relativePath: string, chunk: number): string =>
    `processed_clip_chunks/${storableName(relativePath)}_${chunk}.json`,
  embeddingFolder: (prefix: string): string => `${prefix}_embd_parquet`,
  semanticDedup: "semantic_dedup",
  kmeans: "semantic_dedup/kmeans",
  pairwise: "semantic_dedup/pairwise",
  duplicates: "semantic_dedup/duplicates",
  kept: "semantic_dedup/kept",
  shards: "wds",
  centroidFolder: (cluster: number): string => `centroid=${cluster}`,
  clusterFile: (cluster: number): string => `cluster_${cluster}.parquet`,
} as const;

export const embeddingFolderSuffix = "_embd_parquet";

const resultFolders = new Set([
  "clips",
  "filtered_clips",
  "metas",
  "previews",
  "processed_videos",
  "processed_clip_chunks",
  "semantic_dedup",
  "wds",
  "report",
]);

/** Whether a name directly below an output folder is one of the folders that hold results. */
export function isResultFolder(name: string): boolean {
  return resultFolders.has(name) || name.endsWith(embeddingFolderSuffix);
}

/** The cluster number of a path such as "centroid=12/0.parquet"; undefined for other paths. */
export function clusterOfPath(path: string): number | undefined {
  const digits = /(?:^|\/)centroid=(\d+)\//.exec(path)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const longestName = 200;

/** File systems end names at 255 bytes; a name that would pass that with its suffix is cut and told apart by a checksum. */
function storableName(relativePath: string): string {
  return relativePath
    .split("/")
    .map((part) => {
      const bytes = new TextEncoder().encode(part);
      if (bytes.length <= longestName) return part;
      const head = new TextDecoder().decode(bytes.subarray(0, longestName - 12)).replace(/\uFFFD+$/, "");
      return `${head}~${checksum(bytes).toString(16).padStart(8, "0")}`;
    })
    .join("/");
}

/** FNV-1a: enough to tell apart the few long names of one folder. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
