// Videos picked in a page to clips, embeddings and near-duplicates, all in the browser. `node examples/browser/serve.ts`
// bundles and serves it; docs/browser.md walks through it.
import { pairwisePairs } from "clipsieve/kernels";
import {
  BlobStorage,
  MemoryStorage,
  openEmbeddingFile,
  Pipeline,
  SplitStage,
  webRuntime,
} from "clipsieve/web";

/** Cosine similarity from which two clips count as near-duplicates; 1 - eps of the command line. */
const threshold = 0.99;

const picker = document.querySelector<HTMLInputElement>("#videos")!;
const status = document.querySelector<HTMLElement>("#status")!;
const list = document.querySelector<HTMLOListElement>("#clips")!;

picker.addEventListener("change", async () => {
  try {
    status.textContent = "Working";
    await sift(picker.files ?? []);
  } catch (error) {
    status.textContent = error instanceof Error ? error.message : String(error);
  }
});

async function sift(files: Iterable<File>): Promise<void> {
  const output = new MemoryStorage("output");
  const videos = new BlobStorage(files);
  const runtime = webRuntime({
    openStorage: (location) => (location === "videos" ? videos : output),
    model: { modelUrl: "/models/builtin", onnxRuntimeUrl: "/onnxruntime" },
    media: {
      wasm: {
        startWorker: () => new Worker("/media_worker.js", { type: "module" }),
        coreUrl: new URL("/ffmpeg/ffmpeg-core.js", location.href).href,
        wasmUrl: "/ffmpeg/ffmpeg-core.wasm",
      },
    },
  });
  try {
    const split = new SplitStage({
      videoDir: "videos",
      outputPath: "output",
      splitDurationSeconds: 2,
      minClipLengthSeconds: 1,
    });
    const { stages } = await new Pipeline({ name: "browser" }).addStage(split).run({ runtime });
    const unread = stages
      .flatMap(({ units }) => units)
      .flatMap((unit) => (unit.status === "done" ? [] : [unit.message]));
    const { ids, rows } = await embeddings(output);
    const { later, earlier } = await pairwisePairs(await runtime.device(), rows, 512, { threshold });
    const original = new Map([...later].map((clip, pair) => [clip, earlier[pair]!]));
    list.replaceChildren();
    for (const [index, id] of ids.entries()) {
      const kept = original.get(index);
      await show(output, id, kept === undefined ? "unique" : `near-duplicate of ${ids[kept]}`);
    }
    status.textContent = [`${ids.length} clips, ${original.size} near-duplicates`, ...unread].join(". ");
  } finally {
    await runtime.close();
  }
}

/** Ids of the clips and their unit vectors, one behind the other. */
async function embeddings(output: MemoryStorage): Promise<{ ids: string[]; rows: Float32Array }> {
  const ids: string[] = [];
  const values: number[] = [];
  for await (const { path } of output.list("builtin_embd_parquet")) {
    for await (const block of (await openEmbeddingFile(output, path)).blocks()) {
      ids.push(...block.ids);
      for (const value of block.rows) values.push(value);
    }
  }
  return { ids, rows: Float32Array.from(values) };
}

async function show(output: MemoryStorage, id: string, note: string): Promise<void> {
  const clip = new Blob([(await output.read(`clips/${id}.mp4`)) as BlobPart], { type: "video/mp4" });
  const video = Object.assign(document.createElement("video"), {
    src: URL.createObjectURL(clip),
    controls: true,
  });
  const item = document.createElement("li");
  item.append(video, note);
  list.append(item);
}
