// The bytes of a source, read where ffmpeg asks for them: the core calls from inside WebAssembly and cannot wait for a
// promise. Blobs are read so in web workers alone (FileReaderSync); elsewhere they are taken into memory.
import type { FfmpegCore } from "./ffmpeg_core.ts";

export interface RangeReader {
  readonly sizeBytes: number;
  /** Fills `target` from a position on; the number of bytes read, less than asked for at the end. */
  read(target: Uint8Array, position: number): number;
  close(): void;
}

export function bytesReader(bytes: Uint8Array): RangeReader {
  return {
    sizeBytes: bytes.byteLength,
    read(target, position) {
      const part = bytes.subarray(position, position + target.byteLength);
      target.set(part);
      return part.byteLength;
    },
    close: () => undefined,
  };
}

/** What only web workers have. */
interface SynchronousFileReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

export async function blobReader(blob: Blob): Promise<RangeReader> {
  const { FileReaderSync } = globalThis as { FileReaderSync?: new () => SynchronousFileReader };
  if (FileReaderSync === undefined) return bytesReader(new Uint8Array(await blob.arrayBuffer()));
  const files = new FileReaderSync();
  return {
    sizeBytes: blob.size,
    read(target, position) {
      const part = files.readAsArrayBuffer(blob.slice(position, position + target.byteLength));
      target.set(new Uint8Array(part));
      return part.byteLength;
    },
    close: () => undefined,
  };
}

/**
 * Lets a file of the core's file system read from a reader: an empty file whose size and reading are replaced.
 *
 * @param beforeRead is called before each read; what it throws ends the run.
 */
export function placeReader(
  core: FfmpegCore,
  path: string,
  reader: RangeReader,
  beforeRead: () => void,
): void {
  core.FS.writeFile(path, new Uint8Array(0));
  const { node } = core.FS.lookupPath(path);
  node.usedBytes = reader.sizeBytes;
  node.stream_ops = {
    ...node.stream_ops,
    read: (_stream, memory, offset, length, position) => {
      beforeRead();
      return reader.read(memory.subarray(offset, offset + length), position);
    },
  };
}
