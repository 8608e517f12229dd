// What a module of an npm peer offers: the tasks it can do, each prepared first so that only the work itself is timed.
import type { PeerTask } from "./protocol.ts";

export interface Matrix {
  /** f32, rowCount x dim. */
  readonly values: Float32Array;
  readonly rowCount: number;
  readonly dim: number;
}

export interface PreparedTask {
  /** Does the work once. */
  run(): Promise<void> | void;
  /** Of the last run: u32 labels, f32 centroids or f32 scores. */
  result(): Float32Array | Uint32Array;
  readonly looksAt?: "earlier" | "any";
  readonly rounds?: number;
  dispose?(): void;
}

export interface NpmPeer {
  readonly name: string;
  readonly version: string;
  readonly device: string;
  readonly tasks: Readonly<
    Partial<Record<PeerTask, (input: TaskInput) => Promise<PreparedTask> | PreparedTask>>
  >;
}

export interface TaskInput {
  readonly rows: Matrix;
  readonly centroids?: Matrix | undefined;
  readonly rounds: number;
  /** Rows of each group, in order. */
  readonly groupRows: readonly number[];
}

export interface NpmPeerModule {
  /** Throws where the package is not installed or cannot work; the message says why. */
  open(): Promise<NpmPeer>;
}
