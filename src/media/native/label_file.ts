// The labels of frames that went to the clip encoder, one for each, which ffmpeg writes to a file: a pipe would wake this
// process for every frame, and take from the encoder what that costs. A frame is labelled before its clip is finished.
// The trap: ffmpeg opens what it labels to anew where the size of pictures changes, and empties a file that it knows by name.
import { readLocalFile } from "../../io/local_file.ts";
import { tickOfLabel } from "../segment_check.ts";

export class LabelFile {
  readonly #path: string;
  readonly #decoder = new TextDecoder();
  #readBytes = 0;
  #rest = "";

  constructor(path: string) {
    this.#path = path;
  }

  /** Ticks of the frames that were labelled since the last call. */
  async *newTicks(): AsyncGenerator<number> {
    for await (const chunk of readLocalFile(this.#path, this.#readBytes)) {
      this.#readBytes += chunk.byteLength;
      const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) {
        const tick = tickOfLabel(line);
        if (tick !== undefined) yield tick;
      }
    }
  }
}
