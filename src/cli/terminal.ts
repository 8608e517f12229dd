// What the program says while it works, all on standard error: log lines as text or JSON, and progress as bars on a
// terminal or as plain lines elsewhere. NO_COLOR is honoured; --quiet leaves warnings and errors.
import { MultiBar, Presets, type SingleBar } from "cli-progress";
import type { StageProgress } from "../stages/stage.ts";
import type { Log } from "../types.ts";

export interface TerminalOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly format: "text" | "json";
}

export interface Terminal {
  readonly log: Log;
  readonly progress: (event: StageProgress) => void;
  /** Takes the bars down; later log lines stand alone. */
  close(): void;
}

const ranks = { debug: 0, info: 1, warn: 2, error: 3 } as const;
const colors = { debug: "\u001b[2m", info: "", warn: "\u001b[33m", error: "\u001b[31m" } as const;
/** Plain progress lines come at most this often, and at each end. */
const plainIntervalMs = 5000;

export function openTerminal({ quiet, verbose, format }: TerminalOptions): Terminal {
  const isTerminal = process.stderr.isTTY === true && format === "text" && process.env.TERM !== "dumb";
  const colored = isTerminal && (process.env.NO_COLOR ?? "") === "";
  const least = quiet ? ranks.warn : verbose ? ranks.debug : ranks.info;
  const bars = isTerminal && !quiet ? new ProgressBars() : undefined;
  const writeLine = (line: string): void => {
    if (bars === undefined || !bars.log(line)) process.stderr.write(`${line}\n`);
  };
  const log: Log = (level, message) => {
    if (ranks[level] < least) return;
    if (format === "json") writeLine(JSON.stringify({ time: new Date().toISOString(), level, message }));
    else writeLine(colored && colors[level] !== "" ? `${colors[level]}${message}\u001b[0m` : message);
  };
  const plain = new PlainProgress((message) => log("info", message));
  return {
    log,
    progress: (event) => (bars === undefined ? plain.update(event) : bars.update(event)),
    close: () => bars?.close(),
  };
}

/** One bar for each stage and thing counted. */
class ProgressBars {
  readonly #bars = new Map<string, SingleBar>();
  #multi: MultiBar | undefined;

  update({ stage, noun, done, total }: StageProgress): void {
    this.#multi ??= new MultiBar(
      {
        format: " {stage} {bar} {value}/{total} {noun} | {rate} | {eta_formatted} left",
        clearOnComplete: false,
        hideCursor: true,
        stream: process.stderr,
        forceRedraw: true,
        fps: 5,
      },
      Presets.rect,
    );
    const key = `${stage} ${noun}`;
    const known = this.#bars.get(key);
    const payload = { stage: stage.padEnd(10), noun, rate: "" };
    const bar = known ?? this.#multi.create(total ?? 0, done, { ...payload, started: performance.now() });
    if (known === undefined) this.#bars.set(key, bar);
    if (total !== null) bar.setTotal(total);
    const { started } = (bar as unknown as { readonly payload: { readonly started: number } }).payload;
    const seconds = (performance.now() - started) / 1000;
    bar.update(done, { ...payload, rate: seconds > 0.5 ? `${(done / seconds).toFixed(1)}/s` : "" });
  }

  log(line: string): boolean {
    if (this.#multi === undefined) return false;
    this.#multi.log(`${line}\n`);
    this.#multi.update();
    return true;
  }

  close(): void {
    this.#multi?.update();
    this.#multi?.stop();
    this.#multi = undefined;
    this.#bars.clear();
  }
}

/** Lines such as "split: 12 of 40 videos". */
class PlainProgress {
  readonly #say: (message: string) => void;
  readonly #last = new Map<string, number>();

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  update({ stage, noun, done, total }: StageProgress): void {
    const key = `${stage} ${noun}`;
    const now = performance.now();
    const last = this.#last.get(key);
    if (last === undefined) this.#last.set(key, now);
    const ended = total !== null && done >= total;
    if (!ended && (last === undefined || now - last < plainIntervalMs)) return;
    this.#last.set(key, now);
    this.#say(`${stage}: ${done}${total === null ? "" : ` of ${total}`} ${noun}`);
  }
}
