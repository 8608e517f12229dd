// Gathers the sampled frames of a video clip by clip and embeds whole clips in batches. `add` waits while a batch is being
// embedded, which holds the decoder back: memory is bounded by one batch of frames.
import type { Encoder } from "../embed/encoder.ts";
import { InputError } from "../errors.ts";
import type { SampledFrame } from "../media/engine.ts";
import type { YuvFrame } from "../types.ts";

/** Decoded bytes that wait for the encoder at most, unless a single clip has more. */
const batchBytes = 64 * 1024 * 1024;

export class ClipEmbedder {
  readonly #openEncoder: () => Promise<Encoder>;
  readonly #frameCounts: readonly number[];
  readonly #rows = new Map<number, Float32Array>();
  #batch: { readonly clip: number; readonly frames: YuvFrame[] }[] = [];
  #bytes = 0;

  /** @param frameCounts frames that each clip will deliver. */
  constructor(openEncoder: () => Promise<Encoder>, frameCounts: readonly number[]) {
    this.#openEncoder = openEncoder;
    this.#frameCounts = frameCounts;
  }

  /** Takes the next frame; frames come in order of clip, then sample. */
  async add({ clip, frame }: SampledFrame): Promise<void> {
    const last = this.#batch.at(-1);
    if (last?.clip === clip) last.frames.push(frame);
    else this.#batch.push({ clip, frames: [frame] });
    this.#bytes += frame.data.byteLength;
    const whole = this.#batch.at(-1)?.frames.length === this.#frameCounts[clip];
    if (whole && this.#bytes >= batchBytes) await this.#flush();
  }

  /** Embeds what is left; f32 rows of length 1 by clip index. */
  async finish(): Promise<ReadonlyMap<number, Float32Array>> {
    await this.#flush();
    return this.#rows;
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#bytes = 0;
    const encoder = await this.#openEncoder();
    const embeddings = await encoder.encode(batch.map(({ frames }) => frames));
    const { dimension } = encoder.spec;
    batch.forEach(({ clip }, index) => {
      const row = embeddings.slice(index * dimension, (index + 1) * dimension);
      if (!row.every(Number.isFinite)) {
        throw new InputError(
          "embed-failed",
          `Cannot embed clip ${clip} as the model answered with a value that is not a number. Try --device software`,
        );
      }
      this.#rows.set(clip, row);
    });
  }
}
