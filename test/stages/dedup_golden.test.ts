import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import type { IdentifySummary } from "../../src/stages/identify.ts";
import { PairwiseStage } from "../../src/stages/pairwise.ts";
import { useGpu } from "../support/gpu.ts";
import { scratchFolder } from "../support/scratch_folder.ts";
import { type DedupRun, query, runDedup } from "./dedup_run.ts";

const inputPath = fileURLToPath(new URL("../fixtures/golden/workflow_input", import.meta.url));
const input = { inputPath, embeddingField: "embeddings", nClusters: 5 };

async function columnsOf(file: string): Promise<Record<string, unknown>> {
  const rows = await query(`DESCRIBE SELECT * FROM read_parquet('${file}', hive_partitioning = true)`);
  return Object.fromEntries(rows.map(({ column_name, column_type }) => [column_name, column_type]));
}

function countsOf(run: DedupRun): IdentifySummary {
  return run.results[2]!.units[0]!.summary as unknown as IdentifySummary;
}

describe("1,500 rows of the reference's workflow test, Parquet to Parquet", () => {
  const context = useGpu();

  test.each([
    ["hard", "cosine", 1471],
    ["easy", "cosine", 1495],
    ["hard", "l2", 1471],
    ["easy", "l2", 1495],
  ] as const)("%s, %s: the reference's rule removes %i", async (whichToKeep, simMetric, removed) => {
    const run = await runDedup(context.gpu, input, { whichToKeep, simMetric }, { eps: 0.01, chain: true });
    expect(countsOf(run)).toEqual({ duplicates: removed, kept: 1500 - removed });
    const [row] = await query(
      `SELECT count(*)::INT AS rows, count(DISTINCT id)::INT AS ids FROM '${run.outputPath}/duplicates/*.parquet'`,
    );
    expect(row).toEqual({ rows: removed, ids: removed });
  });

  test.each([true, false])("thresholded scores give the same duplicates, chain: %s", async (chain) => {
    const eps = 0.001;
    const removals = async (pairwise: Parameters<typeof runDedup>[2]): Promise<unknown> => {
      const run = await runDedup(context.gpu, input, pairwise, { eps, chain });
      const [below] = await query(
        `SELECT count(*)::INT AS rows FROM '${run.pairwisePath}/*.parquet' WHERE cosine_sim_score BETWEEN 1e-9 AND ${1 - eps}`,
      );
      const duplicates = await query(`SELECT * FROM '${run.outputPath}/duplicates/*.parquet' ORDER BY id`);
      return { duplicates, below: (below as { rows: number }).rows > 0 };
    };
    const exact = await removals({});
    expect(await removals({ scores: "thresholded", eps })).toEqual({ ...(exact as object), below: false });
    expect(exact).toMatchObject({ below: true });
  });

  test("thresholded scores need eps", () => {
    const paths = { inputPath: "kmeans", outputPath: "pairwise" };
    expect(() => new PairwiseStage({ ...paths, scores: "thresholded" })).toThrow(UsageError);
  });

  test("the files read by another reader: columns, partitions, every row once, unit rows", async () => {
    const run = await runDedup(context.gpu, input, {}, { eps: 0.01 });
    const partitions = `${run.kmeansPath}/*/*.parquet`;
    expect(await columnsOf(partitions)).toEqual({
      id: "VARCHAR",
      embeddings: "FLOAT[]",
      l2_dist_to_cent: "FLOAT",
      cosine_dist_to_cent: "FLOAT",
      centroid: "BIGINT",
    });
    expect(await columnsOf(`${run.pairwisePath}/*.parquet`)).toEqual({
      id: "VARCHAR",
      max_id: "VARCHAR",
      cosine_sim_score: "FLOAT",
    });
    expect(await columnsOf(`${run.outputPath}/duplicates/*.parquet`)).toEqual({
      id: "VARCHAR",
      kept_id: "VARCHAR",
      cosine_sim_score: "FLOAT",
    });
    const sizes = await query(
      `SELECT count(*)::INT AS size FROM read_parquet('${partitions}', hive_partitioning = true) GROUP BY centroid ORDER BY size`,
    );
    expect(sizes.map(({ size }) => size)).toEqual([100, 199, 300, 400, 501]);
    const [checks] = await query(`
      WITH source AS (SELECT id::VARCHAR AS id, embeddings AS raw FROM '${inputPath}/*.parquet'),
           clustered AS (SELECT * FROM '${partitions}')
      SELECT count(*)::INT AS joined,
             max(abs(list_inner_product(embeddings, embeddings) - 1)) AS length_error,
             min(list_cosine_similarity(embeddings, raw)) AS least_similarity
      FROM source JOIN clustered USING (id)`);
    expect(checks!.joined).toBe(1500);
    expect(checks!.length_error).toBeLessThan(1e-6);
    expect(checks!.least_similarity).toBeGreaterThan(1 - 1e-6);
    expect(await query(`SELECT count(*)::INT AS rows FROM '${run.pairwisePath}/*.parquet'`)).toEqual([
      { rows: 1500 },
    ]);
  });

  test("by default no keeper goes, each removal is similar enough to its keeper, and rows add up", async () => {
    const run = await runDedup(context.gpu, input, {}, { eps: 0.01 });
    const duplicates = `'${run.outputPath}/duplicates/*.parquet'`;
    const kept = `'${run.outputPath}/kept/*.parquet'`;
    const rows = `'${run.kmeansPath}/*/*.parquet'`;
    const [counts] = await query(`
      SELECT (SELECT count(*) FROM ${duplicates})::INT AS gone,
             (SELECT count(*) FROM ${kept})::INT AS stayed,
             (SELECT count(*) FROM ${duplicates} WHERE kept_id NOT IN (SELECT id FROM ${kept}))::INT AS lost_keepers,
             (SELECT count(*) FROM ${kept} WHERE id IN (SELECT id FROM ${duplicates}))::INT AS both`);
    expect(counts).toMatchObject({ lost_keepers: 0, both: 0 });
    expect((counts!.gone as number) + (counts!.stayed as number)).toBe(1500);
    expect(counts!.gone).toBe(countsOf(run).duplicates);
    // Greedy removal by kept rows takes less than the chain rule's 1471, and leaves no two kept rows of a cluster alike.
    expect(counts!.gone).toBeGreaterThan(1300);
    expect(counts!.gone).toBeLessThan(1471);
    const [pairs] = await query(`
      SELECT max(abs(list_inner_product(x.embeddings, y.embeddings) - cosine_sim_score)) AS score_error,
             min(cosine_sim_score::DOUBLE) AS least
      FROM ${duplicates} d JOIN ${rows} x USING (id) JOIN ${rows} y ON y.id = d.kept_id`);
    expect(pairs!.score_error).toBeLessThan(1e-6);
    expect(pairs!.least).toBeGreaterThanOrEqual(0.99);
    const [alike] = await query(`
      WITH staying AS (SELECT * FROM read_parquet(${rows}, hive_partitioning = true) WHERE id IN (SELECT id FROM ${kept}))
      SELECT count(*)::INT AS pairs FROM staying a JOIN staying b ON a.centroid = b.centroid AND a.id < b.id
      WHERE list_inner_product(a.embeddings, b.embeddings) >= 0.990001`);
    expect(alike!.pairs).toBe(0);
  });

  test("the same command twice writes the same bytes", async () => {
    const first = await runDedup(context.gpu, input);
    const second = await runDedup(context.gpu, input);
    const digests = ({ outputPath }: DedupRun): Promise<unknown> =>
      query(`SELECT replace(filename, '${outputPath}', '') AS file, md5(content) AS digest
             FROM read_blob('${outputPath}/**/*.parquet') ORDER BY file`);
    expect(await digests(first)).toEqual(await digests(second));
  });
});

describe("the command line", () => {
  async function dedup(...flags: readonly string[]): Promise<string> {
    const outputPath = scratchFolder();
    const { stdout } = await promisify(execFile)(process.execPath, [
      fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url)),
      "dedup",
      ...["--input-path", inputPath, "--embedding-field", "embeddings", "--n-clusters", "5"],
      ...["--output-path", outputPath, "--json", ...flags],
    ]);
    expect((JSON.parse(stdout) as { status: string }).status).toBe("ok");
    return outputPath;
  }

  test("gives the reference's count with --compat nemo", async () => {
    const outputPath = await dedup("--compat", "nemo");
    const duplicates = `'${outputPath}/semantic_dedup/duplicates/*.parquet'`;
    expect(await query(`SELECT count(*)::INT AS rows FROM ${duplicates}`)).toEqual([{ rows: 1471 }]);
  });

  // Here matches form chains, so that embeddings of the named column are read again.
  test("by default removes no clip for one that is removed", async () => {
    const outputPath = await dedup();
    const duplicates = `'${outputPath}/semantic_dedup/duplicates/*.parquet'`;
    const kept = `'${outputPath}/semantic_dedup/kept/*.parquet'`;
    const [row] = await query(`
      SELECT (SELECT count(*) FROM ${duplicates})::INT + (SELECT count(*) FROM ${kept})::INT AS rows,
        (SELECT count(*) FROM ${duplicates} WHERE kept_id NOT IN (SELECT id FROM ${kept}))::INT AS orphans`);
    expect(row).toEqual({ rows: 1500, orphans: 0 });
  });
});
