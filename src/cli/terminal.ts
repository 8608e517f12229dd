// What the program says while it works, all on standard error: log lines as text or JSON, and progress as bars on a
// terminal or as plain lines elsewhere. NO_COLOR is honoured; --quiet leaves warnings and errors.
import { MultiBar, type SingleBar } from "cli-progress";
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

type LogLevel = Parameters<Log>[0];

const ranks = { debug: 0, info: 1, warn: 2, error: 3 } as const;
const colors = { debug: "\u001b[2m", info: "", warn: "\u001b[33m", error: "\u001b[31m" } as const;
/** Plain progress lines come at most this often, and at each end. */
const plainIntervalMs = 10_000;
const plainLeastMs = 300;

export function openTerminal({ quiet, verbose, format }: TerminalOptions): Terminal {
  const isTerminal = process.stderr.isTTY === true && format === "text" && process.env.TERM !== "dumb";
  const colored = isTerminal && (process.env.NO_COLOR ?? "") === "";
  const least = quiet ? ranks.warn : verbose ? ranks.debug : ranks.info;
  const bars = isTerminal && !quiet ? new ProgressBars() : undefined;
  const writeLine = (line: string): void => {
    if (bars === undefined || !bars.log(line)) process.stderr.write(`${line}\n`);
  };
  const write = (level: LogLevel, message: string, facts: object = {}): void => {
    if (ranks[level] < least) return;
    if (format === "json")
      writeLine(JSON.stringify({ time: new Date().toISOString(), level, message, ...facts }));
    // Stacks, at level debug, are the only messages of several lines.
    else
      for (const line of level === "debug" ? message.split("\n") : [message])
        writeLine(colored ? `${colors[level]}${printable(line)}${colorEnd(level)}` : printable(line));
  };
  const plain = new PlainProgress((message, event) => write("info", message, event));
  return {
    log: (level, message) => write(level, message),
    progress: (event) => (bars === undefined ? plain.update(event) : bars.update(event)),
    close: () => bars?.close(),
  };
}

const colorEnd = (level: LogLevel): string => (colors[level] === "" ? "" : "\u001b[0m");

/** File names may hold line ends and escape sequences, which would break the display or drive the terminal. */
function printable(message: string): string {
  return message.replace(/\p{Cc}/gu, (character) =>
    character === "\n" ? "\\n" : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** "12 of 40 videos, 1.3/s, 21 s left" */
class Pace {
  readonly #startedMs = performance.now();
  readonly #startedAt: number;

  constructor({ done }: StageProgress) {
    this.#startedAt = done;
  }

  describe({ noun, done, total }: StageProgress): string {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    const rate = (done - this.#startedAt) / seconds;
    const parts = [`${done}${total === null ? "" : ` of ${total}`} ${noun}`];
    if (seconds > 0.5 && rate > 0) {
      parts.push(rate >= 0.1 ? `${rate.toFixed(1)}/s` : `${(rate * 60).toFixed(1)}/min`);
      if (total !== null && done < total) parts.push(`${duration((total - done) / rate)} left`);
      else if (total !== null) parts.push(`in ${duration(seconds)}`);
    }
    return parts.join(", ");
  }
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

interface Bar {
  readonly bar: SingleBar;
  readonly pace: Pace;
}

const barWidth = 30;

/** One bar for each stage and thing counted. */
class ProgressBars {
  readonly #bars = new Map<string, Bar>();
  #multi: MultiBar | undefined;

  update(event: StageProgress): void {
    const { stage, noun, done, total } = event;
    this.#multi ??= new MultiBar({
      format: (_options, _parameters, payload: { readonly line: string }) => payload.line,
      clearOnComplete: false,
      hideCursor: true,
      stream: process.stderr,
      forceRedraw: true,
      // The work itself ends in order on Ctrl-C, and closes the bars then.
      gracefulExit: false,
      fps: 5,
    });
    const key = `${stage} ${noun}`;
    let known = this.#bars.get(key);
    if (known === undefined) {
      known = { bar: this.#multi.create(total ?? 1, 0, { line: "" }), pace: new Pace(event) };
      this.#bars.set(key, known);
    }
    const share = total === null ? null : total === 0 ? 1 : done / total;
    const filled = share === null ? 0 : Math.round(share * barWidth);
    const bar = share === null ? "".padEnd(barWidth) : "■".repeat(filled).padEnd(barWidth, "·");
    known.bar.update(Math.min(done, total ?? 1), {
      line: ` ${stage.padEnd(9)} ${bar} ${known.pace.describe(event)}`,
    });
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

/** Lines such as "split: 12 of 40 videos, 1.3/s, 21 s left". */
class PlainProgress {
  readonly #say: (message: string, event: StageProgress) => void;
  readonly #known = new Map<string, { readonly pace: Pace; readonly startedMs: number; saidMs: number }>();

  constructor(say: (message: string, event: StageProgress) => void) {
    this.#say = say;
  }

  update(event: StageProgress): void {
    const { stage, noun, done, total } = event;
    const key = `${stage} ${noun}`;
    const now = performance.now();
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { pace: new Pace(event), startedMs: now, saidMs: now };
      this.#known.set(key, known);
    }
    const ended = total !== null && done >= total;
    // A stage that took no time needs no line.
    if (ended && now - known.startedMs < plainLeastMs) return;
    if (!ended && now - known.saidMs < plainIntervalMs) return;
    known.saidMs = now;
    this.#say(`${stage}: ${known.pace.describe(event)}`, event);
  }
}
