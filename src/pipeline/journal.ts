// The journal makes a run resumable: one small record per unit. Before a unit writes an output the record names it; once
// all are in place, the record says so with the unit's fingerprint and their sizes. A unit is done when its record
// matches and every output is there; whatever else a record names is removed before the unit is worked again, so that
// results of different options, or of a process that was killed, never mix with new ones.
import * as v from "valibot";
import type { Storage } from "../io/storage.ts";
import { digestValue } from "../stages/fingerprint.ts";
import type { Unit, UnitOutcome } from "../stages/stage.ts";
import type { JsonValue } from "../types.ts";

const recordSchema = v.object({
  key: v.string(),
  fingerprint: v.string(),
  outputs: v.array(v.object({ path: v.string(), sizeBytes: v.number() })),
  summary: v.custom<JsonValue>(() => true),
});

type JournalRecord = v.InferOutput<typeof recordSchema>;

/** Folder below a stage's output that holds its records. */
export const journalFolder = ".clipsieve/journal";

/** Fingerprint in the record of a unit that is being worked: matches none. */
const unfinished = "";

export class Journal {
  readonly #storage: Storage;
  readonly #folder: string;

  constructor(storage: Storage, stageName: string) {
    this.#storage = storage;
    this.#folder = `${journalFolder}/${stageName}`;
  }

  /** The outcome of a unit that needs no work, or undefined. */
  async finished(unit: Unit): Promise<UnitOutcome | undefined> {
    const record = await this.#readRecord(await this.#recordPath(unit.key));
    if (record?.fingerprint !== unit.fingerprint) return undefined;
    for (const { path, sizeBytes } of record.outputs) {
      if ((await this.#storage.stat(path))?.sizeBytes !== sizeBytes) return undefined;
    }
    return { outputs: record.outputs.map(({ path }) => path), summary: record.summary };
  }

  /** Removes what an earlier, different or failed run of the unit left. Its record goes last, so that no output is forgotten. */
  async discard(key: string): Promise<void> {
    const recordPath = await this.#recordPath(key);
    const record = await this.#readRecord(recordPath);
    if (record === undefined) return;
    for (const { path } of record.outputs) await this.#storage.delete(path);
    await this.#storage.delete(recordPath);
  }

  /** Notes what a unit is about to write, all of it so far: what a killed process leaves is then found and removed. */
  async announce(unit: Unit, paths: Iterable<string>): Promise<void> {
    const outputs = Array.from(paths, (path) => ({ path, sizeBytes: 0 }));
    await this.#write({ key: unit.key, fingerprint: unfinished, outputs, summary: null });
  }

  /** Declares a unit done. Called once all its outputs are in place. */
  async commit(unit: Unit, outcome: UnitOutcome): Promise<void> {
    const outputs: { path: string; sizeBytes: number }[] = [];
    for (const path of outcome.outputs) {
      const stored = await this.#storage.stat(path);
      if (stored === undefined)
        throw new Error(`Invariant broken: output ${path} of ${unit.key} was not written`);
      outputs.push({ path, sizeBytes: stored.sizeBytes });
    }
    await this.#write({ key: unit.key, fingerprint: unit.fingerprint, outputs, summary: outcome.summary });
  }

  /** Keys of all units that have a record. */
  async keys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { path } of this.#storage.list(this.#folder)) {
      const record = await this.#readRecord(path);
      if (record !== undefined) keys.push(record.key);
    }
    return keys;
  }

  async #write(record: JournalRecord): Promise<void> {
    await this.#storage.write(await this.#recordPath(record.key), `${JSON.stringify(record)}\n`);
  }

  async #recordPath(key: string): Promise<string> {
    return `${this.#folder}/${(await digestValue(key)).slice(0, 32)}.json`;
  }

  /** A record that cannot be read counts as absent: its unit is done again. */
  async #readRecord(path: string): Promise<JournalRecord | undefined> {
    if ((await this.#storage.stat(path)) === undefined) return undefined;
    try {
      return v.parse(recordSchema, JSON.parse(new TextDecoder().decode(await this.#storage.read(path))));
    } catch {
      return undefined;
    }
  }
}
