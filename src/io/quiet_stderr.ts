// Runs a synchronous piece of native code with standard error closed: Dawn writes two harmless lines about limits of
// software adapters straight to file descriptor 2, past everything that JavaScript could filter. The descriptor is
// pointed at /dev/null meanwhile and put back. Where it could not be put back exactly (a regular file that is not being
// appended to has a position of its own, a socket cannot be opened again) nothing is done.
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";

const standardError = 2;
/** O_APPEND among the flags that Linux shows of a descriptor. */
const appendFlag = 0o2000;

export function withQuietStderr<T>(work: () => T): T {
  const saved = saveStandardError();
  if (saved === undefined) return work();
  closeSync(standardError);
  openSync("/dev/null", "w");
  try {
    return work();
  } finally {
    closeSync(standardError);
    openSync(`/proc/self/fd/${saved}`, "a");
    closeSync(saved);
  }
}

/** A second descriptor of what standard error is, or undefined where it must be left alone. */
function saveStandardError(): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const kind = fstatSync(standardError);
    const restorable = kind.isFIFO() || kind.isCharacterDevice() || (kind.isFile() && isAppending());
    return restorable ? openSync(`/proc/self/fd/${standardError}`, "a") : undefined;
  } catch {
    return undefined;
  }
}

function isAppending(): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${standardError}`, "utf8"))?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & appendFlag) !== 0;
}
