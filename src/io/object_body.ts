// What `Storage.write` accepts as a body, the one loop that feeds it to an ObjectWriter, and a stored object as a body.
// The trap: an iterable that fails half way must leave nothing behind, so the writer is aborted before the error goes on.
import type { ObjectWriter, Storage } from "./storage.ts";

export type ObjectBody = Uint8Array | string | AsyncIterable<Uint8Array>;

/** Writes a whole body and closes the writer; aborts it when anything fails. Resolves to the size in bytes. */
export async function writeBody(writer: ObjectWriter, body: ObjectBody): Promise<number> {
  let sizeBytes = 0;
  try {
    for await (const bytes of pieces(body)) {
      await writer.write(bytes);
      sizeBytes += bytes.byteLength;
    }
    await writer.close();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return sizeBytes;
}

const readBytes = 1 << 20;

/** The bytes of a stored object, in pieces. */
export async function* objectBytes(
  storage: Storage,
  path: string,
  sizeBytes: number,
): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < sizeBytes; start += readBytes)
    yield await storage.read(path, { start, end: Math.min(start + readBytes, sizeBytes) });
}

async function* pieces(body: ObjectBody): AsyncGenerator<Uint8Array> {
  if (typeof body === "string") yield new TextEncoder().encode(body);
  else if (body instanceof Uint8Array) yield body;
  else yield* body;
}
