// The embeddings of a folder (Parquet or JSONL, any number of files) as one table that can be read again for each pass. The
// first pass collects the ids and counts the rows that were set aside, by reason.
import { UsageError } from "../errors.ts";
import type { EmbeddingFile } from "../io/embedding_blocks.ts";
import { openJsonlEmbeddings } from "../io/jsonl_read.ts";
import { openEmbeddingFile } from "../io/parquet_read.ts";
import type { Storage, StoredObject } from "../io/storage.ts";
import type { Log } from "../types.ts";

export interface EmbeddingFormat {
  readonly inputFiletype: "parquet" | "jsonl";
  readonly idField: string;
  readonly embeddingField: string;
  /** Expected dimension; another one is used with a warning. */
  readonly embeddingDim?: number | undefined;
}

/** The files of the format below the storage's root, sorted by path. Rejects with UsageError where there are none. */
export async function listEmbeddingFiles(
  storage: Storage,
  { inputFiletype }: EmbeddingFormat,
): Promise<StoredObject[]> {
  const files: StoredObject[] = [];
  for await (const object of storage.list("")) {
    // Folders such as .clipsieve or _metadata are notes of programs, as every Parquet reader holds it.
    const hidden = object.path.split("/").some((part) => part.startsWith(".") || part.startsWith("_"));
    if (!hidden && object.path.endsWith(`.${inputFiletype}`)) files.push(object);
  }
  if (files.length === 0) {
    throw new UsageError(
      `Cannot find embeddings as the folder does not exist or holds no .${inputFiletype} file: ${storage.root}. Run \`clipsieve split\` first, or set --input-path or --input-filetype`,
    );
  }
  return files;
}

export class EmbeddingSource {
  readonly #files: readonly EmbeddingFile[];
  readonly #rejections = new Map<string, number>();
  #ids: string[] = [];
  #passes = 0;
  /** 1 where no row is usable, so that buffers have a width. */
  readonly dimension: number;

  static async open(
    storage: Storage,
    files: readonly StoredObject[],
    format: EmbeddingFormat,
    log: Log,
  ): Promise<EmbeddingSource> {
    const { inputFiletype, idField, embeddingField, embeddingDim } = format;
    const open = inputFiletype === "jsonl" ? openJsonlEmbeddings : openEmbeddingFile;
    const opened: EmbeddingFile[] = [];
    let dimension: number | undefined;
    for (const { path } of files) {
      const file = await open(storage, path, {
        idField,
        embeddingField,
        ...(dimension === undefined ? {} : { dimension }),
      });
      dimension ??= file.dimension;
      opened.push(file);
    }
    if (dimension !== undefined && embeddingDim !== undefined && dimension !== embeddingDim) {
      log(
        "warn",
        `The embeddings have ${dimension} dimensions, not the ${embeddingDim} expected: going on with ${dimension}`,
      );
    }
    return new EmbeddingSource(opened, dimension ?? 1);
  }

  private constructor(files: readonly EmbeddingFile[], dimension: number) {
    this.#files = files;
    this.dimension = dimension;
  }

  /** Ids of the usable rows, in order; complete after the first pass. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** Rows set aside while reading, by reason; complete after the first pass. */
  get rejections(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#rejections);
  }

  /** Reads all rows from the start. */
  async *blocks(): AsyncGenerator<{ readonly rows: Float32Array }> {
    const first = this.#passes++ === 0;
    const onRowRejected = (reason: string): void => {
      if (first) this.#rejections.set(reason, (this.#rejections.get(reason) ?? 0) + 1);
    };
    for (const file of this.#files) {
      for await (const { ids, rows } of file.blocks({ onRowRejected })) {
        if (first) for (const id of ids) this.#ids.push(id);
        yield { rows };
      }
    }
  }
}
