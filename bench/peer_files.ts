// Rows on their way to peers: raw f32 files in a temporary folder, written in pieces, once for each plan, gone at the end.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddingPlan, embeddingRows } from "./embedding_data.ts";
import type { MatrixFile } from "./peers/protocol.ts";

const pieceRows = 16_384;

export class PeerFiles {
  readonly folder: string = mkdtempSync(join(tmpdir(), "clipsieve-bench-"));
  readonly #rows = new Map<string, MatrixFile>();
  #count = 0;

  get resultPath(): string {
    return join(this.folder, "result.bin");
  }

  /** Only the newest plan's file stays: large ones would fill a disk. */
  rows(plan: EmbeddingPlan): MatrixFile {
    const key = JSON.stringify(plan);
    let file = this.#rows.get(key);
    if (file !== undefined) return file;
    for (const { path } of this.#rows.values()) rmSync(path, { force: true });
    this.#rows.clear();
    file = { path: this.#newPath(), rowCount: plan.rowCount, dim: plan.dim };
    const handle = openSync(file.path, "w");
    for (let first = 0; first < plan.rowCount; first += pieceRows) {
      const piece = embeddingRows(plan, first, Math.min(pieceRows, plan.rowCount - first));
      writeSync(handle, new Uint8Array(piece.buffer));
    }
    closeSync(handle);
    this.#rows.set(key, file);
    return file;
  }

  matrix(values: Float32Array, dim: number): MatrixFile {
    const path = join(this.folder, "centroids.f32");
    writeFileSync(path, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return { path, rowCount: values.length / dim, dim };
  }

  /** What the last peer wrote. */
  result(): ArrayBuffer {
    return new Uint8Array(readFileSync(this.resultPath)).buffer;
  }

  destroy(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #newPath(): string {
    return join(this.folder, `rows_${this.#count++}.f32`);
  }
}
