import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.ts";
import type { IdentifySummary } from "../../src/stages/identify.ts";
import { KMeansStage, type KMeansSummary } from "../../src/stages/kmeans.ts";
import { useGpu } from "../support/gpu.ts";
import { randomNormals } from "../support/random.ts";
import { scratchFolder } from "../support/scratch_folder.ts";
import { type DedupRun, query, runDedup, writeEmbeddings } from "./dedup_run.ts";

function summaries({ results }: DedupRun): { kmeans: KMeansSummary; identify: IdentifySummary } {
  const [kmeans, , identify] = results.map(({ units }) => units[0]?.summary);
  return { kmeans: kmeans as unknown as KMeansSummary, identify: identify as unknown as IdentifySummary };
}

function randomRows(count: number, dimension: number, seed = 1): number[][] {
  const values = randomNormals(count * dimension, seed);
  return Array.from({ length: count }, (_, row) => [
    ...values.subarray(row * dimension, (row + 1) * dimension),
  ]);
}

const idsOf = (count: number, prefix = "r"): string[] =>
  Array.from({ length: count }, (_, row) => `${prefix}${row}`);

describe("dedup of odd collections", () => {
  const context = useGpu();

  test("no rows: empty lists, no cluster", async () => {
    const inputPath = scratchFolder();
    await writeEmbeddings(inputPath, [], []);
    const { kmeans, identify } = summaries(await runDedup(context.gpu, { inputPath, nClusters: 3 }));
    expect(kmeans).toMatchObject({ rows: 0, clusters: 0, inertia: null });
    expect(identify).toEqual({ duplicates: 0, kept: 0 });
  });

  test("one row is kept", async () => {
    const inputPath = scratchFolder();
    await writeEmbeddings(inputPath, ["only"], [[3, 4]]);
    const run = await runDedup(context.gpu, { inputPath, nClusters: 3 });
    expect(summaries(run).kmeans).toMatchObject({ rows: 1, clusters: 1 });
    expect(summaries(run).identify).toEqual({ duplicates: 0, kept: 1 });
    expect(run.warnings.join()).toContain("3 clusters were asked of 1 rows");
    const [pair] = await query(`SELECT * FROM '${run.pairwisePath}/cluster_0.parquet'`);
    expect(pair).toEqual({ id: "only", max_id: "only", cosine_sim_score: 0 });
  });

  test("rows that are all equal leave one of them, with either rule", async () => {
    const inputPath = scratchFolder();
    const equal = Array.from({ length: 40 }, () => [0.6, 0, 0.8]);
    await writeEmbeddings(inputPath, idsOf(40), equal);
    for (const chain of [false, true]) {
      const run = await runDedup(context.gpu, { inputPath, nClusters: 1 }, {}, { chain });
      expect(summaries(run).identify).toEqual({ duplicates: 39, kept: 1 });
    }
  });

  test("more clusters than rows: as many as rows, nothing lost", async () => {
    const inputPath = scratchFolder();
    await writeEmbeddings(inputPath, idsOf(5), randomRows(5, 8));
    const run = await runDedup(context.gpu, { inputPath, nClusters: 50 });
    expect(summaries(run).kmeans).toMatchObject({ rows: 5, clusters: 5 });
    expect(summaries(run).identify).toEqual({ duplicates: 0, kept: 5 });
  });

  test("rows without a usable embedding are counted by reason and change nothing for the others", async () => {
    const good = randomRows(300, 8);
    const clean = scratchFolder();
    await writeEmbeddings(clean, idsOf(300), good);
    const dirty = scratchFolder();
    const lines = good.map((embedding, row) => JSON.stringify({ id: `r${row}`, embedding }));
    const bad = [
      { id: "zero", embedding: [0, 0, 0, 0, 0, 0, 0, 0] },
      { id: "short", embedding: [1, 2, 3] },
      { id: "none", embedding: null },
      { id: null, embedding: good[0] },
      { id: "empty", embedding: [] },
    ];
    bad.forEach((row, at) => void lines.splice(50 * at + 1, 0, JSON.stringify(row)));
    lines.push(`{"id": "huge", "embedding": [1e39, 0, 0, 0, 0, 0, 0, 0]}`);
    writeFileSync(join(dirty, "rows.jsonl"), `${lines.join("\n")}\n`);
    const expected = await runDedup(context.gpu, { inputPath: clean, nClusters: 4 });
    const run = await runDedup(context.gpu, { inputPath: dirty, nClusters: 4, inputFiletype: "jsonl" });
    expect(summaries(run).kmeans).toMatchObject({
      rows: 300,
      rowsSetAside: {
        "zero-vector": 1,
        "wrong-length": 1,
        "null-embedding": 1,
        "null-id": 1,
        "empty-embedding": 1,
        "not-finite": 1,
      },
    });
    expect(run.warnings.filter((warning) => warning.includes("set aside"))).toHaveLength(6);
    const rowsOf = ({ pairwisePath }: DedupRun): Promise<unknown> =>
      query(`SELECT * FROM '${pairwisePath}/*.parquet' ORDER BY id`);
    expect(await rowsOf(run)).toEqual(await rowsOf(expected));
  });

  test("a damaged file among good ones stops the run and is named", async () => {
    const inputPath = scratchFolder();
    await writeEmbeddings(inputPath, idsOf(20), randomRows(20, 4), "a.parquet");
    writeFileSync(join(inputPath, "b.parquet"), "PAR1 this is not a table PAR1");
    const ran = runDedup(context.gpu, { inputPath, nClusters: 2 });
    await expect(ran).rejects.toThrow(DataError);
    await expect(ran).rejects.toThrow("b.parquet");
  });

  test("files of another dimension are set aside row by row, and counted", async () => {
    const inputPath = scratchFolder();
    await writeEmbeddings(inputPath, idsOf(20), randomRows(20, 4), "a.parquet");
    await writeEmbeddings(inputPath, idsOf(7, "other"), randomRows(7, 6), "b.parquet");
    const { kmeans } = summaries(await runDedup(context.gpu, { inputPath, nClusters: 2 }));
    expect(kmeans).toMatchObject({ rows: 20, dimension: 4, rowsSetAside: { "wrong-length": 7 } });
  });

  test("an id that two rows carry is warned of, and the lists stay consistent", async () => {
    const inputPath = scratchFolder();
    const rows = randomRows(30, 6);
    await writeEmbeddings(inputPath, idsOf(30).toSpliced(7, 1, "r3"), rows);
    const run = await runDedup(context.gpu, { inputPath, nClusters: 1 });
    expect(run.warnings.join()).toContain("1 rows carry an id that another row has too");
    expect(summaries(run).identify).toEqual({ duplicates: 0, kept: 30 });
  });

  test("two equal rows of one id: the id does not go for its own sake", async () => {
    const inputPath = scratchFolder();
    const rows = randomRows(30, 6);
    await writeEmbeddings(inputPath, idsOf(30).toSpliced(7, 1, "r3"), rows.toSpliced(7, 1, rows[3]!));
    const run = await runDedup(context.gpu, { inputPath, nClusters: 1 });
    expect(summaries(run).identify).toEqual({ duplicates: 0, kept: 30 });
  });

  test("centroids fitted on a share of the rows: every row is assigned, twice the same, and the share is told", async () => {
    const inputPath = scratchFolder();
    await writeEmbeddings(inputPath, idsOf(900), randomRows(900, 16));
    const fitted = async (fitDataFraction: number): Promise<{ summary: KMeansSummary; rows: unknown }> => {
      const run = await runDedup(context.gpu, { inputPath, nClusters: 5, fitDataFraction });
      const rows = await query(`SELECT id, regexp_extract(filename, 'centroid=[0-9]+') AS cluster
                                FROM read_parquet('${run.kmeansPath}/*/*.parquet', filename = true) ORDER BY id`);
      return { summary: summaries(run).kmeans, rows };
    };
    const share = await fitted(0.2);
    expect(share.summary).toMatchObject({ rows: 900, fittedRows: 180, clusters: 5 });
    expect(share.rows).toHaveLength(900);
    expect(await fitted(0.2)).toEqual(share);
    const whole = await fitted(1);
    expect(whole.summary.fittedRows).toBe(900);
    expect(whole.rows).not.toEqual(share.rows);
    expect((await fitted(1e-6)).summary.fittedRows).toBe(5);
    expect(
      () => new KMeansStage({ inputPath, outputPath: inputPath, nClusters: 5, fitDataFraction: 0 }),
    ).toThrow("fitDataFraction must be above 0");
  });

  test("the number of clusters that is chosen is explained, one that is given is not", async () => {
    const inputPath = scratchFolder();
    await writeEmbeddings(inputPath, idsOf(50), randomRows(50, 4));
    const chosen = await runDedup(context.gpu, { inputPath, nClusters: "auto" });
    expect(summaries(chosen).kmeans.choice).toContain("50 rows are few enough to compare every pair");
    expect(summaries(await runDedup(context.gpu, { inputPath, nClusters: 2 })).kmeans.choice).toBeNull();
  });

  test("a store that streams its files gives the bytes of one that holds them", async () => {
    const inputPath = scratchFolder();
    await writeEmbeddings(inputPath, idsOf(500), randomRows(500, 16), "a.parquet");
    await writeEmbeddings(inputPath, idsOf(300, "s"), randomRows(300, 16, 2), "b.parquet");
    const digests = async (residentBytes: number | undefined): Promise<unknown> => {
      const { kmeansPath } = await runDedup(context.gpu, { inputPath, nClusters: 6, residentBytes });
      return query(`SELECT replace(filename, '${kmeansPath}', '') AS file, md5(content) AS digest
                    FROM read_blob('${kmeansPath}/*/*.parquet') ORDER BY file`);
    };
    expect(await digests(0)).toEqual(await digests(undefined));
  });
});
