// The windows that TransNetV2 (Soucek and Lokoc, 2020) sees: 100 frames at a step of 50, of which the middle 50 are
// predicted, so that each frame is judged with 25 neighbours or more on both sides. Copies of the first frame stand before
// the video, copies of the last one behind it. Frames stream through one buffer of a single window, however long the video.
// `nemo` leaves the last windows short, as NeMo Curator's end padding is never reached.

/** Size in pixels of the frames that the model takes: wider than high. */
export const frameSize = { width: 48, height: 27 } as const;
/** Of one frame, packed as RGB. */
export const frameBytes = frameSize.width * frameSize.height * 3;
export const windowFrames = 100;
/** Frames at each end of a window that lend context and are not predicted. */
export const contextFrames = 25;
const stepFrames = windowFrames - 2 * contextFrames;

export interface TransnetWindow {
  /** The frames, one after the other. Valid until the next window is asked for. */
  readonly rgb: Uint8Array;
  readonly frameCount: number;
  /** Frames of the video that this window predicts: those from `contextFrames` on. */
  readonly predictedCount: number;
}

export class TransnetWindows {
  readonly #padsEnd: boolean;
  readonly #buffer = new Uint8Array(windowFrames * frameBytes);
  #filled = 0;
  /** Whether what the buffer holds was given out as a window. */
  #given = false;
  #received = 0;
  #predicted = 0;

  constructor(compat: "none" | "nemo" = "none") {
    this.#padsEnd = compat !== "nemo";
  }

  /** Takes the next frame, and gives a window when that frame completes one. */
  add(frame: Uint8Array): TransnetWindow | undefined {
    if (this.#received === 0) for (let copy = 0; copy < contextFrames; copy++) this.#append(frame);
    if (this.#given) this.#advance();
    this.#append(frame);
    this.#received++;
    return this.#filled === windowFrames ? this.#window() : undefined;
  }

  /** After the last frame: the one or two windows that are still owed. */
  *finish(): Generator<TransnetWindow> {
    const last = this.#filled === 0 ? undefined : this.#frameAt(this.#filled - 1).slice();
    while (last !== undefined && this.#predicted < this.#received) {
      if (this.#given) this.#advance();
      while (this.#padsEnd && this.#filled < windowFrames) this.#append(last);
      yield this.#window();
    }
  }

  #window(): TransnetWindow {
    const predictedCount = Math.min(stepFrames, this.#received - this.#predicted);
    this.#predicted += predictedCount;
    this.#given = true;
    const rgb = this.#buffer.subarray(0, this.#filled * frameBytes);
    return { rgb, frameCount: this.#filled, predictedCount };
  }

  /** Moves on by one step. */
  #advance(): void {
    this.#buffer.copyWithin(0, stepFrames * frameBytes, this.#filled * frameBytes);
    this.#filled -= stepFrames;
    this.#given = false;
  }

  #append(frame: Uint8Array): void {
    this.#frameAt(this.#filled).set(frame);
    this.#filled++;
  }

  #frameAt(index: number): Uint8Array {
    return this.#buffer.subarray(index * frameBytes, (index + 1) * frameBytes);
  }
}
