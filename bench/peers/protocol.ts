// What a process that hosts peers is asked and answers: one JSON object a line, on its standard input and output. Rows travel
// as raw little-endian f32 files, so that no side pays for the other's format; or as a plan that the host makes itself.
import type { EmbeddingPlan } from "../embedding_data.ts";

export type PeerTask = "assign" | "kmeans" | "pairwise";

export interface PeerInfo {
  readonly name: string;
  readonly version: string;
  readonly tasks: readonly PeerTask[];
  /** "cpu", "cuda", or the WebGPU adapter. */
  readonly device: string;
}

export interface MissingPeer {
  readonly name: string;
  /** Why it is not there, and the command that brings it. */
  readonly remedy: string;
}

export interface MatrixFile {
  readonly path: string;
  readonly rowCount: number;
  readonly dim: number;
}

export interface PeerRequest {
  readonly task: PeerTask;
  readonly peer: string;
  readonly rows: MatrixFile | { readonly plan: EmbeddingPlan };
  /** assign: the centroids. kmeans: the first ones. */
  readonly centroids?: MatrixFile;
  /** kmeans: rounds to run. */
  readonly rounds?: number;
  /** pairwise: rows of each group, in order. */
  readonly groupRows?: readonly number[];
  /** Seconds of measuring after which no further repetition begins. */
  readonly budgetSeconds: number;
  /** Where results go: u32 labels (assign), f32 centroids (kmeans), f32 scores (pairwise). */
  readonly resultPath: string;
}

export interface PeerAnswer {
  /** Of each repetition. */
  readonly seconds: readonly number[];
  /** Rounds really run (kmeans). */
  readonly rounds?: number;
  /** "earlier": scores look at earlier rows only. "any": at all other rows, which finds the originals too. */
  readonly looksAt?: "earlier" | "any";
  /** kmeans: it takes no first centroids, so another objective is no disagreement. */
  readonly ownSeeds?: boolean;
}

export type HostRequest = { readonly hello: true } | PeerRequest;

export interface HostGreeting {
  readonly peers: readonly PeerInfo[];
  readonly missing: readonly MissingPeer[];
}

export interface HostError {
  readonly error: string;
}
