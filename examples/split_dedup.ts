// The second step of NeMo Curator's tutorial "Split and Remove Duplicates", line for line: k-means over the embeddings of
// a split run, then pairwise similarity inside each cluster. First make the embeddings, then run this:
//
//   clipsieve split --video-dir videos --output-path out
//   OUT_DIR=out node examples/split_dedup.ts
//
// It imports clipsieve as an installed package; inside this repository `npm run build` stands in for the installation.
import { KMeansStage, PairwiseStage, Pipeline } from "clipsieve";

const OUT_DIR = process.env.OUT_DIR ?? "out";
const INPUT_PARQUET = `${OUT_DIR}/builtin_embd_parquet`;
const OUTPUT_DIR = `${OUT_DIR}/semantic_dedup`;

const pipe = new Pipeline({
  name: "video_semantic_dedup",
  description: "K-means + pairwise duplicate removal",
});

pipe.addStage(
  new KMeansStage({
    nClusters: 1000,
    idField: "id",
    embeddingField: "embedding",
    inputPath: INPUT_PARQUET,
    outputPath: `${OUTPUT_DIR}/kmeans`,
    inputFiletype: "parquet",
    embeddingDim: 512,
    readKwargs: { storageOptions: null },
    writeKwargs: { storageOptions: null },
  }),
);

pipe.addStage(
  new PairwiseStage({
    idField: "id",
    embeddingField: "embedding",
    inputPath: `${OUTPUT_DIR}/kmeans`,
    outputPath: `${OUTPUT_DIR}/pairwise`,
    whichToKeep: "hard", // or "easy" or "random"
    simMetric: "cosine", // or "l2"
    pairwiseBatchSize: 1024,
    readKwargs: { storageOptions: null },
    writeKwargs: { storageOptions: null },
  }),
);

console.log(pipe.describe());
const { stages } = await pipe.run();
for (const { name, seconds, units } of stages)
  console.log(`${name}: ${units.length} units in ${seconds.toFixed(1)} s`);
