// One run of ffmpeg or ffprobe: argument array, no shell, its own process group (killed whole), bounded standard error,
// and an end in any case: on abort, after a time without a sign of life, or after a wall time. The trap: while our side
// is slow to take frames ffmpeg rightly stands still, so idle time counts only when nobody is busy with its output.
// What it prints is bounded too: a flood of messages, or a line without end, costs time and no memory.
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { InputError, InterruptedError, MediaEngineError } from "../../errors.ts";
import { errorCode } from "../../io/file_error.ts";
import type { MediaLimits } from "../../limits.ts";
import { timeoutError, wallTimeError } from "../time_limit.ts";

export type ProcessLimits = Pick<MediaLimits, "idleSeconds" | "wallSeconds">;

export interface ProcessRequest {
  readonly binary: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** How many pipes beyond standard error (3, 4, ...). */
  readonly extraPipes?: number;
  /** Descriptors of open files that it inherits behind these pipes. May be closed here once it is started. */
  readonly files?: readonly number[];
  readonly limits: ProcessLimits;
  /** What the run is for, for messages: the name of a video. */
  readonly subject: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ProcessEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  /** "SIGKILL", or null when it ended by itself. */
  readonly signal: string | null;
  /** First and last lines of standard error. */
  readonly errorText: string;
  /** Lines of level error or worse. */
  readonly errorCount: number;
}

const STDERR_HEAD = 4096;
const STDERR_TAIL = 16_384;
/** The rest of a longer line is dropped. */
const LONGEST_LINE = 65_536;
/** How often time is looked at. */
const WATCH_MILLISECONDS = 250;
/** A description of streams that is longer than this was made to be so. */
const LONGEST_TEXT = 1 << 24;

/** Each message begins with its level in brackets. */
const LEFT_BRACKET = 0x5b;
const ERROR_LEVELS = /\[(?:error|fatal|panic)\] /g;

const living = new Set<ChildProcess>();
let exitHookIsSet = false;

export class FfmpegProcess {
  readonly #child: ChildProcess;
  readonly #request: ProcessRequest;
  readonly #end: Promise<ProcessEnd>;
  #errorHead = "";
  #errorTail = "";
  #errorCount = 0;
  #busy = 0;
  #lastSign = performance.now();
  #failure: Error | undefined;

  constructor(request: ProcessRequest) {
    this.#request = request;
    const extra = Array.from({ length: request.extraPipes ?? 0 }, () => "pipe" as const);
    this.#child = spawn(request.binary, request.args, {
      stdio: ["ignore", "pipe", "pipe", ...extra, ...(request.files ?? [])],
      detached: process.platform !== "win32",
      windowsHide: true,
      ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
    });
    living.add(this.#child);
    if (!exitHookIsSet) {
      exitHookIsSet = true;
      process.once("exit", () => {
        for (const child of living) killGroup(child);
      });
    }
    this.#end = this.#watch();
    // Whoever awaits `end` later still sees the rejection.
    this.#end.catch(() => undefined);
  }

  /** Bytes of a pipe: 1 is standard output, 3 and on the extra ones. Each may be read once. A pipe that breaks just ends. */
  async *bytes(pipe: number): AsyncGenerator<Uint8Array> {
    const stream = pipesOf(this.#child)[pipe] as Readable | undefined;
    if (stream === undefined) return;
    const chunks = stream[Symbol.asyncIterator]();
    for (;;) {
      const next = await chunks.next().catch(() => ({ done: true as const, value: undefined }));
      if (next.done) return;
      this.#lastSign = performance.now();
      yield next.value as Uint8Array;
    }
  }

  /** Lines of a pipe, without their ends. */
  async *lines(pipe: number): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of this.bytes(pipe)) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = (lines.pop() ?? "").slice(0, LONGEST_LINE);
      yield* lines;
    }
    if (rest !== "") yield rest;
  }

  /**
   * Hands on what came: none of that time counts as idle. Rejects where the process was ended from here, so that nothing is
   * handed on any more.
   */
  async whileBusy<T>(work: () => Promise<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
      this.#lastSign = performance.now();
    }
  }

  /**
   * How it ended, once all that is done with its output is done too. The first of these to reject ends it, and is what this
   * rejects with, also where ffmpeg has ended before. Else rejects with MediaEngineError (not found), InterruptedError, or
   * InputError timeout.
   */
  async end(readers: readonly Promise<void>[] = []): Promise<ProcessEnd> {
    const guarded = readers.map((reader) =>
      reader.catch((error: unknown) => this.#kill(error instanceof Error ? error : new Error(String(error)))),
    );
    const end = await this.#end.finally(() => Promise.all(guarded));
    if (this.#failure !== undefined) throw this.#failure;
    return end;
  }

  /** Ends the process; `end` then rejects with the given error. */
  #kill(failure: Error): void {
    this.#failure ??= failure;
    killGroup(this.#child);
    // A process that left the group may still hold the other ends.
    for (const pipe of pipesOf(this.#child)) pipe?.destroy();
  }

  async #watch(): Promise<ProcessEnd> {
    const { limits, signal, subject, binary } = this.#request;
    const started = performance.now();
    const shortestMilliseconds = Math.min(limits.idleSeconds, limits.wallSeconds) * 1000;
    const timer = setInterval(
      () => {
        const now = performance.now();
        const idle = this.#busy === 0 && now - this.#lastSign > limits.idleSeconds * 1000;
        if (!idle && now - started <= limits.wallSeconds * 1000) return;
        const silence = `gave no sign of life for ${limits.idleSeconds} s`;
        this.#kill(
          idle
            ? timeoutError(subject, silence, "--ffmpeg-idle-timeout-s")
            : wallTimeError(subject, limits.wallSeconds),
        );
      },
      Math.min(WATCH_MILLISECONDS, shortestMilliseconds),
    );
    const onAbort = (): void =>
      this.#kill(new InterruptedError(`Cannot finish with a video as the work was stopped: ${subject}`));
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    try {
      const [ending] = await Promise.all([this.#exit(binary), this.#readErrors()]);
      if (this.#failure !== undefined) throw this.#failure;
      return { ...ending, errorText: this.#errorHead + this.#errorTail, errorCount: this.#errorCount };
    } finally {
      clearInterval(timer);
      signal?.removeEventListener("abort", onAbort);
      living.delete(this.#child);
    }
  }

  #exit(binary: string): Promise<Pick<ProcessEnd, "code" | "signal">> {
    return new Promise((resolve, reject) => {
      this.#child.once("error", (error) => reject(startError(binary, error)));
      this.#child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  }

  async #readErrors(): Promise<void> {
    const decoder = new TextDecoder();
    let seam = "";
    for await (const chunk of this.bytes(2)) {
      const hasMessages = this.#errorHead.length < STDERR_HEAD || chunk.includes(LEFT_BRACKET);
      const text = decoder.decode(hasMessages ? chunk : chunk.subarray(-STDERR_TAIL), { stream: true });
      this.#errorCount += (seam + text).match(ERROR_LEVELS)?.length ?? 0;
      // One character less than a match: none is lost between two chunks, none counted twice.
      seam = text.slice(1 - "[error] ".length);
      const head = text.slice(0, STDERR_HEAD - this.#errorHead.length);
      this.#errorHead += head;
      this.#errorTail = (this.#errorTail + text.slice(head.length)).slice(-STDERR_TAIL);
    }
  }
}

/** Runs to the end and gives standard output as text. For output that is known to be small. */
export async function runForText(request: ProcessRequest): Promise<ProcessEnd & { readonly output: string }> {
  const child = new FfmpegProcess(request);
  const decoder = new TextDecoder();
  let output = "";
  const read = async (): Promise<void> => {
    for await (const chunk of child.bytes(1)) {
      output += decoder.decode(chunk, { stream: true });
      if (output.length > LONGEST_TEXT) throw tooMuchText(request.subject);
    }
  };
  const end = await child.end([read()]);
  return { ...end, output };
}

function tooMuchText(subject: string): InputError {
  return new InputError(
    "limit-bytes",
    `Cannot read a video as its description has more than ${LONGEST_TEXT} characters: ${subject}. Remux it first.`,
  );
}

/** What to do when there is no ffmpeg. */
export const INSTALL_ADVICE: string =
  "Install it (Debian and Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), " +
  "or set CLIPSIEVE_FFMPEG and CLIPSIEVE_FFPROBE to where it is.";

/** Why the system starts no more processes, and what to do about it. */
const TOO_MANY: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  EMFILE: ["too many files are open", "Raise the limit with `ulimit -n`, or lower --concurrency."],
  ENFILE: ["all programs together have too many files open", "End other programs, or lower --concurrency."],
  EAGAIN: ["too many processes run", "Raise the limit with `ulimit -u`, or lower --concurrency."],
};

function startError(binary: string, error: Error): MediaEngineError {
  const [why, remedy] = TOO_MANY[errorCode(error) ?? ""] ?? [error.message, INSTALL_ADVICE];
  return new MediaEngineError(`Cannot start ${binary} as ${why}. ${remedy}`, { cause: error });
}

/** Node gives none to a process that the system had no descriptors for. */
function pipesOf(child: ChildProcess): readonly ChildProcess["stdio"][number][] {
  const { stdio } = child as { readonly stdio?: ChildProcess["stdio"] };
  return stdio ?? [];
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill("SIGKILL");
    else process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}
