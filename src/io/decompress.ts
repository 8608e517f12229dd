// Codecs of Parquet pages. The runtime's own zlib is there on Node, Bun and Deno and several times as fast; browsers, and
// what it lacks, are served by hyparquet-compressors.
import { compressors } from "hyparquet-compressors";

type Decompress = (bytes: Uint8Array, outputLength: number) => Uint8Array;

interface NativeZlib {
  readonly gunzipSync?: NativeDecompress;
  readonly zstdDecompressSync?: NativeDecompress;
  readonly brotliDecompressSync?: NativeDecompress;
}

type NativeDecompress = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** Node's, Bun's and Deno's door to their own modules; absent in browsers. */
interface NativeModules {
  getBuiltinModule?(name: "node:zlib"): NativeZlib | undefined;
}

/** Decompressors by the codec's name in Parquet. */
export const decompressors: typeof compressors = { ...compressors, ...nativeOnes() };

function nativeOnes(): Record<string, Decompress> {
  const zlib = (globalThis as { readonly process?: NativeModules }).process?.getBuiltinModule?.("node:zlib");
  const found: Record<string, Decompress> = {};
  const add = (codec: string, native: NativeDecompress | undefined): void => {
    // A page that would become longer than it claims ends there: a few kilobytes may stand for gigabytes.
    if (native !== undefined)
      found[codec] = (bytes, outputLength) => native(bytes, { maxOutputLength: Math.max(1, outputLength) });
  };
  add("GZIP", zlib?.gunzipSync);
  add("ZSTD", zlib?.zstdDecompressSync);
  add("BROTLI", zlib?.brotliDecompressSync);
  return found;
}
