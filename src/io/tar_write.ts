// Writes a tar archive to an ObjectWriter, member by member, with headers that depend on nothing but names and sizes:
// the same members give the same bytes. tar-stream writes the format (POSIX ustar, pax for long names).
// The trap: a member's size stands in its header, before its bytes, so a body of another size must be refused.
import { type Pack, pack } from "tar-stream";
import { DataError, invariant } from "../errors.ts";
import type { ObjectWriter } from "./storage.ts";

export interface TarMember {
  readonly name: string;
  readonly sizeBytes: number;
  /** Yields exactly `sizeBytes` bytes. */
  read(): AsyncIterable<Uint8Array>;
}

export interface TarWriter {
  /** Appends a member. Rejects with DataError where its body is not of the size it said. */
  add(member: TarMember): Promise<void>;
  /** Ends the archive and makes it visible. */
  close(): Promise<TarSummary>;
  /** Drops the archive. Safe to call after a failure or after `close`. */
  abort(): Promise<void>;
}

export interface TarSummary {
  readonly sizeBytes: number;
  /** Lower-case hex of the digest that was given, else undefined. */
  readonly digest: string | undefined;
}

/** Fed with the archive's bytes; `createMd5` and `createSha256` of digest.ts make one. */
export interface TarDigest {
  update(bytes: Uint8Array): void;
  hex(): string;
}

const EPOCH = new Date(0);
const BLOCK_BYTES = 512;

/** Bytes that a member with a name of at most 100 bytes takes in the archive. */
export function tarMemberBytes(sizeBytes: number): number {
  return BLOCK_BYTES + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** Starts an archive over an ObjectWriter, which it closes or aborts. */
export function createTarWriter(output: ObjectWriter, digest?: TarDigest): TarWriter {
  return new StreamingTar(output, digest);
}

class StreamingTar implements TarWriter {
  readonly #output: ObjectWriter;
  readonly #digest: TarDigest | undefined;
  readonly #pack = pack();
  readonly #drained: Promise<void>;
  #failure: Error | undefined;
  #sizeBytes = 0;

  constructor(output: ObjectWriter, digest: TarDigest | undefined) {
    this.#output = output;
    this.#digest = digest;
    this.#drained = this.#drain();
    // Whoever calls `add` or `close` gets the reason; nobody may be waiting for it yet.
    this.#drained.catch(() => undefined);
  }

  async add(member: TarMember): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const { name, sizeBytes } = member;
    const header = {
      name,
      size: sizeBytes,
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtime: EPOCH,
      type: "file" as const,
    };
    try {
      await new Promise<void>((resolve, reject) => {
        const sink = this.#pack.entry(header, (error) => (error ? reject(error) : resolve()));
        sink.on("error", reject);
        feed(sink, member).catch(reject);
      });
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  async close(): Promise<TarSummary> {
    this.#pack.finalize();
    await this.#drained;
    await this.#output.close();
    return { sizeBytes: this.#sizeBytes, digest: this.#digest?.hex() };
  }

  async abort(): Promise<void> {
    this.#pack.destroy(new Error("the archive was dropped"));
    await this.#drained.catch(() => undefined);
    await this.#output.abort();
  }

  async #drain(): Promise<void> {
    try {
      for await (const bytes of this.#pack) {
        invariant(bytes instanceof Uint8Array, "a tar archive streams bytes");
        this.#digest?.update(bytes);
        this.#sizeBytes += bytes.byteLength;
        await this.#write(bytes);
      }
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  /** Notes a failure before the stream ends because of it: the stream's own complaint would hide the reason. */
  async #write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#output.write(bytes);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
  }
}

/** Writes a member's body into its place, waiting whenever the archive is behind. */
async function feed(sink: ReturnType<Pack["entry"]>, member: TarMember): Promise<void> {
  let wake: (() => void) | undefined;
  let isClosed = false;
  sink.on("drain", () => wake?.());
  sink.on("close", () => {
    isClosed = true;
    wake?.();
  });
  let written = 0;
  for await (const bytes of member.read()) {
    written += bytes.byteLength;
    if (isClosed || written > member.sizeBytes) break;
    if (sink.write(bytes)) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (isClosed) resolve();
    });
  }
  if (written !== member.sizeBytes) throw sizeError(member, written);
  sink.end(null);
}

function sizeError({ name, sizeBytes }: TarMember, written: number): DataError {
  const found = written > sizeBytes ? "more" : `only ${written}`;
  return new DataError(
    `Cannot write a tar member as its body has another size than was said: ${name} was to have ${sizeBytes} bytes ` +
      `and has ${found}. It changed while it was read; run again.`,
  );
}
