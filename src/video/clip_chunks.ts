// Groups the clips of a video for the steps after cutting, by NeMo Curator's rule: a chunk is closed once its clips' whole
// seconds add up to 8 times the chunk size. The reference counts truncated seconds, so that with the default of 32 a chunk
// holds 26 clips of 10 s, and clips under a second never fill one.
import type { Span } from "../types.ts";

/** What the reference multiplies the chunk size by. */
const SECONDS_PER_UNIT = 8;

/** @param chunkSize the option clip-re-chunk-size. */
export function clipChunks<T extends { readonly span: Span }>(clips: readonly T[], chunkSize = 32): T[][] {
  return splitByChunkSize(clips, chunkSize * SECONDS_PER_UNIT, ({ span }) =>
    Math.trunc(span.endSeconds - span.startSeconds),
  );
}

/** Closes a chunk as soon as the sizes of its items add up to `size` or more; the last may be smaller. */
export function splitByChunkSize<T>(items: readonly T[], size: number, sizeOf: (item: T) => number): T[][] {
  const chunks: T[][] = [];
  let open: T[] = [];
  let sum = 0;
  for (const item of items) {
    open.push(item);
    sum += sizeOf(item);
    if (sum >= size) {
      chunks.push(open);
      open = [];
      sum = 0;
    }
  }
  if (open.length > 0) chunks.push(open);
  return chunks;
}
