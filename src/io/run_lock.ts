// One run at a time on an output folder: a file that is created exclusively, names its process, and is touched while that
// lives. A lock whose process is gone is taken over, and what that process left half written is swept: only then, as only
// the lock proves that no one is still writing. The trap: process ids mean something on their own host only, so a lock of
// another host counts as left behind once it has not been touched for a while.
import {
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ClipsieveError } from "../errors.ts";
import { errorCode, fileError } from "./file_error.ts";

export interface RunLock {
  /** What was wrong with the run before, for a person; undefined where nothing was. */
  readonly takenOver: string | undefined;
  /** Gives the folder free, and removes it where nothing was written into it. */
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one of the same id; null where the system does not say. */
  readonly started: string | null;
  readonly token: string;
}

const lockName = "lock";
const touchSeconds = 20;
/** A lock of another host, or one that cannot be read, that was not touched for so long is left behind. */
const abandonedSeconds = 120;

/**
 * @param folder the output folder; made where it is missing.
 * @param parts names directly below `folder` that runs write into; a killed run's temporary files are swept there.
 * @throws ClipsieveError where another process works in the folder.
 */
export async function acquireRunLock(folder: string, parts: (name: string) => boolean): Promise<RunLock> {
  const root = resolve(folder);
  const lock = join(root, ".clipsieve", lockName);
  const created = await mkdir(dirname(lock), { recursive: true }).catch((error: unknown) => {
    throw fileError("write", root, error);
  });
  const mine: Holder = {
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
    token: crypto.randomUUID(),
  };
  const before = await take(lock, mine, folder);
  if (before !== undefined) await sweep(root, parts, before);
  const touch = setInterval(() => {
    const now = new Date();
    utimes(lock, now, now).catch(() => undefined);
  }, touchSeconds * 1000);
  touch.unref();
  return {
    takenOver: before === undefined ? undefined : `The run before was killed (process ${before.pid})`,
    async release() {
      clearInterval(touch);
      if ((await readHolder(lock))?.token !== mine.token) return;
      await rm(lock, { force: true });
      await removeEmpty(dirname(lock), created ?? dirname(lock));
    },
  };
}

/** Resolves to the dead holder that was replaced, if there was one. */
async function take(lock: string, mine: Holder, folder: string): Promise<Holder | undefined> {
  let dead: Holder | undefined;
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      await writeFile(lock, `${JSON.stringify(mine)}\n`, { flag: "wx" });
      return dead;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw fileError("write", lock, error);
    }
    const holder = await readHolder(lock);
    if (!(await isLeftBehind(lock, holder, mine))) break;
    dead = holder ?? { pid: 0, host: "", started: null, token: "" };
    // Moved aside before it goes: of two that find the same dead lock, one moves it and the other finds none.
    const aside = `${lock}.${mine.token}`;
    await rename(lock, aside).catch(() => undefined);
    const moved = await readHolder(aside);
    if (moved !== undefined && moved.token !== dead.token) {
      await rename(aside, lock).catch(() => undefined);
      break;
    }
    await rm(aside, { force: true });
  }
  const holder = await readHolder(lock);
  const whose =
    holder === undefined ? "another run" : `another run (process ${holder.pid} on ${holder.host})`;
  throw new ClipsieveError(
    `Cannot work in ${folder} as ${whose} is working there. Wait for it to end, or choose another --output-path. If there is none, delete ${lock}`,
  );
}

async function readHolder(lock: string): Promise<Holder | undefined> {
  try {
    const { pid, host, started, token } = JSON.parse(await readFile(lock, "utf8")) as Partial<Holder>;
    if (typeof pid !== "number" || typeof host !== "string" || typeof token !== "string") return undefined;
    return { pid, host, token, started: started ?? null };
  } catch {
    return undefined;
  }
}

async function isLeftBehind(lock: string, holder: Holder | undefined, mine: Holder): Promise<boolean> {
  if (holder !== undefined && holder.host === mine.host) {
    // A container started anew may have the host name and process id of the one before.
    if (holder.pid === mine.pid) return holder.started !== mine.started || holder.started === null;
    if (!isAlive(holder.pid)) return true;
    const started = await startOf(holder.pid);
    return holder.started !== null && started !== null && started !== holder.started;
  }
  const touchedMs = await stat(lock).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  return Date.now() - touchedMs > abandonedSeconds * 1000;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/** Linux: the boot and the clock tick at which a process started. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const namespace = await readlink("/proc/self/ns/pid");
    const fields = await readFile(`/proc/${pid}/stat`, "utf8");
    // The name of the program comes second, in brackets, and may hold anything; the start is field 22.
    const start = fields.slice(fields.lastIndexOf(")") + 2).split(" ")[19];
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    return `${boot} ${namespace} ${start}`;
  } catch {
    return null;
  }
}

const temporaryName = /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** Removes what the dead run's writers had open (file_writer.ts), and its folders of unfinished clips (temp_folder.ts). */
async function sweep(root: string, parts: (name: string) => boolean, dead: Holder): Promise<void> {
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (entry.isDirectory() && (entry.name === ".clipsieve" || parts(entry.name))) {
      await sweepFolder(join(root, entry.name));
    } else if (entry.isFile() && temporaryName.test(entry.name)) {
      await rm(join(root, entry.name), { force: true });
    }
  }
  if (dead.host !== hostname() || dead.pid === process.pid || isAlive(dead.pid)) return;
  const ofDead = new RegExp(`^clipsieve-[a-z]+-${dead.pid}-`);
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    if (ofDead.test(name)) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

async function sweepFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await sweepFolder(join(folder, entry.name));
    else if (entry.isFile() && temporaryName.test(entry.name))
      await rm(join(folder, entry.name), { force: true });
  }
}

/** Removes empty folders from `folder` up to `last`, both included, and the output folder between them. */
async function removeEmpty(folder: string, last: string): Promise<void> {
  try {
    for (let current = folder; ; current = dirname(current)) {
      await rmdir(current);
      if (current === last) return;
    }
  } catch {
    // Something was written there, which is how runs usually end.
  }
}
