// What kmeans_rank and kmeans_update tell each other of a cluster between rounds, the struct Changes of their shaders: three
// words, of which the last is an f32.

/** Of each cluster. */
export interface ClusterChanges {
  /** u32: 0 where its sums begin anew, else 1 and the rows that came or went since they began. */
  readonly since: Uint32Array;
  /** u32: rows that came or went in the round. */
  readonly churn: Uint32Array;
  /** f32: the most that its squares came to since its sums began. */
  readonly peak: Float32Array;
}

const words = 3;

export function changesByteLength(clusterCount: number): number {
  return clusterCount * words * 4;
}

/** Changes as the shaders read them; what is left out is 0. */
export function packChanges(
  clusterCount: number,
  changes: { readonly [Name in keyof ClusterChanges]?: ClusterChanges[Name] | undefined },
): Uint32Array {
  const packed = new Uint32Array(clusterCount * words);
  const floats = new Float32Array(packed.buffer);
  for (let cluster = 0; cluster < clusterCount; cluster++) {
    packed[cluster * words] = changes.since?.[cluster] ?? 0;
    packed[cluster * words + 1] = changes.churn?.[cluster] ?? 0;
    floats[cluster * words + 2] = changes.peak?.[cluster] ?? 0;
  }
  return packed;
}

export function unpackChanges(bytes: ArrayBuffer): ClusterChanges {
  const packed = new Uint32Array(bytes);
  return {
    since: packed.filter((_, at) => at % words === 0),
    churn: packed.filter((_, at) => at % words === 1),
    peak: new Float32Array(bytes).filter((_, at) => at % words === 2),
  };
}
