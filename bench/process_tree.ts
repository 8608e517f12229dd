// What a command and all processes that it starts take, as Linux tells it under /proc: CPU seconds, which other work on the
// machine disturbs less than the wall clock, and memory. Elsewhere there is nothing to read.
import { readFileSync } from "node:fs";

/** Linux counts in hundredths of a second on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 25;

/** CPU seconds of all children of this process that have ended, their children included; null where it cannot be read. */
export function childrenCpuSeconds(): number | null {
  const stat = read("/proc/self/stat");
  if (stat === undefined) return null;
  // The name, in brackets, may hold spaces; of what follows, fields 13 and 14 are the children's user and system time.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

export class PeakMemory {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #peakBytes = 0;

  /** Watches a process and its descendants. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** Ends the watch. The largest sum of resident memory met, shared pages counted for each; null where none could be read. */
  stop(): number | null {
    clearInterval(this.#timer);
    return this.#peakBytes > 0 ? this.#peakBytes : null;
  }

  #sample(): void {
    let sum = 0;
    const pending = [this.#pid];
    for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
      const resident = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
      sum += Number(resident ?? 0) * 1024;
      const children = read(`/proc/${pid}/task/${pid}/children`) ?? "";
      for (const child of children.trim().split(" ")) if (child !== "") pending.push(Number(child));
    }
    this.#peakBytes = Math.max(this.#peakBytes, sum);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
