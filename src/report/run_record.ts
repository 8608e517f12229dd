// The run record (run.json): what a run did, in one object that people and programs read. Every input appears once, with
// a stable reason code where it did not come through. Commands that work on the same output folder one after the other
// (split, then dedup, then export) each add their part.
import * as v from "valibot";
import type { JsonValue } from "../types.ts";

const json = v.custom<JsonValue>((value) => value !== undefined);

const inputSchema = v.object({
  path: v.string(),
  status: v.picklist(["ok", "skipped", "failed"]),
  reason: v.nullable(v.string()),
  message: v.nullable(v.string()),
  clips: v.number(),
  /** Clips of which no frame decodes. */
  clipsLost: v.optional(v.number(), 0),
  /** Complaints of the decoder that did not stop it. */
  decodeErrors: v.optional(v.number(), 0),
});

const recordSchema = v.object({
  status: v.picklist(["ok", "partial", "failed", "interrupted", "running"]),
  message: v.optional(v.nullable(v.string()), null),
  inputs: v.array(inputSchema),
  counts: v.record(v.string(), v.number()),
  stages: v.array(v.object({ name: v.string(), seconds: v.number(), note: v.optional(v.string()) })),
  adapter: v.nullable(json),
  options: v.record(v.string(), json),
  versions: v.record(v.string(), v.string()),
});

export type RunInput = v.InferOutput<typeof inputSchema>;
export type RunRecord = v.InferOutput<typeof recordSchema>;

export const runRecordName = "run.json";

/** Where a run stands that did not come to its end. "running" is also what a killed one leaves. */
export interface RunEnding {
  readonly status: "failed" | "interrupted" | "running";
  readonly message: string;
}

/** What one command adds to the record. */
export interface RunPart {
  /** The inputs worked; undefined where the command works on results of another (dedup, export). */
  readonly inputs?: readonly RunInput[];
  readonly counts: Readonly<Record<string, number>>;
  /** `worked` is false where every unit was found finished: the seconds of the run that made it then stand. */
  readonly stages: readonly {
    readonly name: string;
    readonly seconds: number;
    readonly worked: boolean;
    /** What the stage chose by itself, and why. */
    readonly note?: string | undefined;
  }[];
  readonly adapter: JsonValue;
  readonly options: Readonly<Record<string, JsonValue>>;
  readonly versions: Readonly<Record<string, string>>;
  /** Whether the command makes all results of the folder: figures of earlier ones then no longer stand. */
  readonly whole: boolean;
  /** Given while the run goes on, and where it was stopped or broke off. */
  readonly ending?: RunEnding;
}

/** Reads a record's text; undefined where it is not one. */
export function parseRunRecord(text: string): RunRecord | undefined {
  try {
    return v.parse(recordSchema, JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Joins a part to what earlier commands recorded; a stage that ran again replaces its older line. */
export function mergeRunRecord(earlier: RunRecord | undefined, part: RunPart): RunRecord {
  const inputs = [...(part.inputs ?? earlier?.inputs ?? [])];
  const again = new Set(part.stages.map(({ name }) => name));
  const secondsOf = new Map(earlier?.stages.map(({ name, seconds }) => [name, seconds]));
  const failed = inputs.filter(({ status }) => status === "failed").length;
  const worked = inputs.some(({ status }) => status === "ok");
  return {
    status:
      part.ending?.status ??
      (failed === 0 ? "ok" : worked || part.inputs === undefined ? "partial" : "failed"),
    message: part.ending?.message ?? null,
    inputs,
    counts: part.whole ? part.counts : { ...earlier?.counts, ...part.counts },
    stages: [
      ...(part.whole ? [] : (earlier?.stages ?? []).filter(({ name }) => !again.has(name))),
      ...part.stages.map(({ name, seconds, worked, note }) => ({
        name,
        seconds: worked ? seconds : (secondsOf.get(name) ?? seconds),
        ...(note === undefined ? {} : { note }),
      })),
    ],
    adapter: part.adapter ?? earlier?.adapter ?? null,
    options: { ...earlier?.options, ...part.options },
    versions: { ...earlier?.versions, ...part.versions },
  };
}

/**
 * Exit code that tells the outcome to a script: 0 all done, 3 some inputs failed, 1 nothing came through.
 * @param worksInputs whether the command worked the inputs itself: a dedup is not to blame for a video that a split before
 * it could not read.
 */
export function exitCodeOf(record: RunRecord, worksInputs: boolean): 0 | 1 | 3 {
  if (record.status === "ok" || !worksInputs) return 0;
  return record.status === "partial" ? 3 : 1;
}
