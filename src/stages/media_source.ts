// A stored video as the media engine takes it.
import type { Storage } from "../io/storage.ts";
import type { MediaSource } from "../media/engine.ts";

/** A file of this machine where the storage has one, else a blob, else the bytes in memory. */
export async function mediaSource(storage: Storage, path: string): Promise<MediaSource> {
  const local = storage.localPath(path);
  if (local !== undefined) return { kind: "file", path: local };
  const blob = storage.blob?.(path);
  return blob === undefined
    ? { kind: "bytes", bytes: await storage.read(path), name: path }
    : { kind: "blob", blob, name: path };
}
