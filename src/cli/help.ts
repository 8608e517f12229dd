// The sentences of `--help`: what each command does, and examples to start from.

export const summaries = {
  split: "Cut videos into clips; write clips, metadata and embeddings",
  dedup: "Find near-duplicates among embeddings; write duplicates and the keep list",
  export: "Pack the kept clips into WebDataset shards and a Parquet index",
  run: "split, dedup and export, one after the other",
  report: "Write an HTML report of a finished run (comes with a later version)",
  doctor: "Check the GPU, ffmpeg, its encoders and the models, and say what to install",
  bench: "Measure kernels and commands on this machine, beside the other tools that it has",
} as const;

export const examples = {
  program: `
Examples:
  clipsieve doctor
  clipsieve run --video-dir videos --output-path out
  clipsieve split --video-dir videos --output-path out --dry-run

Exit codes: 0 all done, 1 failed, 2 wrong usage, 3 done but some inputs failed (see run.json), 130 interrupted.`,
  run: `
Examples:
  clipsieve run --video-dir videos --output-path out
  clipsieve run --video-dir videos --output-path out --eps 0.05 --which-to-keep easy
  clipsieve run --config recipe.yaml --output-path out --json > summary.json

A run that was stopped goes on where it stopped when the same command is given again.`,
  split: `
Examples:
  clipsieve split --video-dir videos --output-path out --fixed-stride-split-duration 5
  clipsieve split --video-dir videos --output-path out --no-upload-clips
  clipsieve split --video-dir videos --output-path out --dry-run`,
  dedup: `
Examples:
  clipsieve dedup --output-path out
  clipsieve dedup --input-path embeddings --output-path out --n-clusters 1000 --eps 0.01
  clipsieve dedup --input-path rows.jsonl --input-filetype jsonl --output-path out --compat nemo`,
  export: `
Examples:
  clipsieve export --output-path out
  clipsieve export --output-path out --samples-per-shard 1000`,
  doctor: `
Exit code 1 means that the main job cannot run on this machine; the findings say what to install.`,
} as const;
