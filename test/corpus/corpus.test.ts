// `clipsieve run` on real videos that nobody on this project made, checked by other programs. The videos lie beside the
// repository (../shared/testdata) and are no part of it; where they are absent there is nothing to check, and the one
// test left says so in its name and output.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClipRecord, countFrames, queryParquet, readClipRecords, twoAtATime } from "./output.ts";

const root = join(import.meta.dirname, "../..");
const corpus = join(root, "../shared/testdata");
const videoFolder = join(corpus, "natural");

interface RunRecord {
  readonly status: string;
  readonly inputs: readonly {
    readonly path: string;
    readonly status: string;
    readonly reason: string | null;
    readonly message: string | null;
    readonly clips: number;
  }[];
  readonly counts: Readonly<Record<string, number>>;
  readonly stages: readonly { readonly name: string; readonly seconds: number }[];
}

const spanOf = (clip: ClipRecord): string => clip.duration_span.join(" to ");

function defineCorpusTests(): void {
  let output = "";
  let exitCode: number | null = null;
  let summary = "";
  let record: RunRecord;
  let clips: readonly ClipRecord[] = [];
  let removed: ReadonlyMap<string, string> = new Map();

  beforeAll(async () => {
    output = await mkdtemp(join(tmpdir(), "clipsieve-corpus-"));
    const began = performance.now();
    const args = ["src/cli/main.ts", "run", "--video-dir", videoFolder, "--output-path", output, "--json"];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      summary += text;
    });
    exitCode = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
    const seconds = (performance.now() - began) / 1000;

    record = JSON.parse(readFileSync(join(output, "run.json"), "utf8")) as RunRecord;
    clips = await readClipRecords(output);
    const rows = await queryParquet(
      output,
      "select id, kept_id from FILES",
      "semantic_dedup/duplicates/*.parquet",
    );
    removed = new Map(rows.map(({ id, kept_id }) => [String(id), String(kept_id)]));
    const of = (status: string): number => record.inputs.filter((input) => input.status === status).length;
    const stages = record.stages.map((stage) => `${stage.name} ${stage.seconds.toFixed(1)} s`).join(", ");
    console.log(
      `corpus: ${record.inputs.length} inputs (${of("ok")} ok, ${of("skipped")} skipped, ${of("failed")} failed), ` +
        `${clips.length} clips, ${removed.size} duplicates, exit code ${exitCode}, ${seconds.toFixed(1)} s (${stages})`,
    );
    for (const { path, status, reason, message } of record.inputs) {
      if (status !== "ok") console.log(`corpus: ${status} ${path}: ${reason}: ${message}`);
    }
  });

  afterAll(() => rm(output, { recursive: true, force: true }));

  test("ends with 0 or 3, and prints one summary object", () => {
    expect([0, 3]).toContain(exitCode);
    expect(JSON.parse(summary)).toBeTypeOf("object");
  });

  test("accounts for every video exactly once, with a reason where it gave no clips", () => {
    const videos = readdirSync(videoFolder, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.(mp4|mov|avi|mkv|webm)$/i.test(name),
    );
    expect(record.inputs.map(({ path }) => path).sort()).toEqual(videos.sort());
    expect(record.inputs.filter(({ status }) => !["ok", "skipped", "failed"].includes(status))).toEqual([]);
    expect(
      record.inputs.filter(({ status, reason, message }) => status !== "ok" && !(reason && message)),
    ).toEqual([]);
    const counted = record.inputs.reduce((total, input) => total + input.clips, 0);
    expect(counted).toBe(clips.length);
  });

  test("every mp4 decodes to the number of frames that its JSON says", async () => {
    const expected = new Map(clips.map((clip) => [`${clip.span_uuid}.mp4`, clip.num_frames]));
    const names = readdirSync(join(output, "clips"));
    expect(names.sort()).toEqual([...expected.keys()].sort());
    const counted = await twoAtATime(names, async (name) => ({
      name,
      ...(await countFrames(join(output, "clips", name))),
    }));
    expect(counted.filter(({ name, frameCount }) => frameCount !== expected.get(name))).toEqual([]);
    expect(counted.filter(({ complaints }) => complaints !== "")).toEqual([]);
  });

  test("DuckDB reads the embeddings with the exact schema, one row for each clip", async () => {
    const glob = "*_embd_parquet/*.parquet";
    const columns = await queryParquet(output, "describe select * from FILES", glob);
    expect(columns.map(({ column_name, column_type }) => [column_name, column_type])).toEqual([
      ["id", "VARCHAR"],
      ["embedding", "FLOAT[]"],
    ]);
    const [facts] = await queryParquet(
      output,
      "select count(*)::int as total, count(distinct id)::int as ids, min(len(embedding))::int as shortest, max(len(embedding))::int as longest, sum(list_bool_or(list_transform(embedding, x -> isnan(x) or isinf(x)))::int)::int as unfit from FILES",
      glob,
    );
    expect(facts).toEqual({ total: clips.length, ids: clips.length, shortest: 512, longest: 512, unfit: 0 });
  });

  test("of each group of byte-identical files one clip of each span is left at most", () => {
    const truth = JSON.parse(readFileSync(join(corpus, "neardup_truth.json"), "utf8")) as {
      readonly exact_sha256_groups: readonly (readonly string[])[];
    };
    const groups = truth.exact_sha256_groups.filter((members) =>
      members.every((path) => path.startsWith("natural/")),
    );
    expect(groups.length).toBeGreaterThan(3);
    const wrong: string[] = [];
    for (const members of groups) {
      const names = members.map((path) => path.slice("natural/".length));
      const own = clips.filter((clip) =>
        names.some((name) => clip.source_video === name || clip.source_video.endsWith(`/${name}`)),
      );
      for (const span of new Set(own.map(spanOf))) {
        const same = own.filter((clip) => spanOf(clip) === span);
        const left = same.filter(({ span_uuid }) => !removed.has(span_uuid)).length;
        if (same.length !== names.length)
          wrong.push(`${span} s of ${names.join(", ")}: ${same.length} clips`);
        if (left > 1) wrong.push(`${span} s of ${names.join(", ")}: ${left} clips are left`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("no clip is removed in favour of one that is removed itself", () => {
    const known = new Set(clips.map(({ span_uuid }) => span_uuid));
    expect([...removed].filter(([, kept]) => removed.has(kept) || !known.has(kept))).toEqual([]);
  });
}

if (existsSync(videoFolder)) {
  describe("clipsieve run on the corpus", defineCorpusTests);
} else {
  test("there is no corpus beside the repository: nothing to check", () => {
    console.log("corpus: nothing was checked, as ../shared/testdata/natural is absent");
    expect(existsSync(videoFolder)).toBe(false);
  });
}
