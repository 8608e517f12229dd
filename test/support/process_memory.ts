// The memory of a process and of all that it started, sampled from /proc. Elsewhere than on Linux it sees nothing.
import { readdirSync, readFileSync } from "node:fs";

export interface MemoryWatch {
  /** Ends the watch; the most bytes that were resident at once. Zero where there is no /proc. */
  stop(): number;
}

export function watchMemory(pid: number, everyMs = 200): MemoryWatch {
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(pid));
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return peakBytes;
    },
  };
}

/** Resident bytes of a process and its descendants now. Pages that they share count once for each. */
function residentBytes(root: number): number {
  const parents = new Map<number, number>();
  const resident = new Map<number, number>();
  for (const name of process.platform === "linux" ? readdirSync("/proc") : []) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The name of the program stands in brackets and may hold anything.
      const fields = readFileSync(`/proc/${name}/stat`, "latin1")
        .replace(/^.*\) /s, "")
        .split(" ");
      parents.set(Number(name), Number(fields[1]));
      resident.set(Number(name), Number(fields[21]) * 4096);
    } catch {
      // It has ended meanwhile.
    }
  }
  const belongs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return [...resident].reduce((sum, [pid, bytes]) => sum + (belongs(pid) ? bytes : 0), 0);
}
