"""Semantic dedup, Parquet to Parquet, with faiss: k-means, every row to its cluster, ranked farthest first, each compared with
the rows before it in tiles, duplicates written. What a careful Python user would write; prints its seconds as JSON.

usage: faiss_dedup.py IN OUT --k 300 --rounds 20 --eps 0.05 [--super]
"""

import argparse
import json
import time

import faiss
import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet

TILE = 1024

parser = argparse.ArgumentParser()
parser.add_argument("input")
parser.add_argument("output")
parser.add_argument("--k", type=int, required=True)
parser.add_argument("--rounds", type=int, default=20)
parser.add_argument("--eps", type=float, default=0.05)
parser.add_argument("--super", action="store_true")
options = parser.parse_args()

seconds = {}
began = time.perf_counter()


def lap(name):
    global began
    now = time.perf_counter()
    seconds[name] = now - began
    began = now


table = pa.dataset.dataset(options.input, format="parquet").to_table(columns=["id", "embedding"])
ids = table["id"].combine_chunks()
embedding = table["embedding"].combine_chunks()
rows = embedding.flatten().to_numpy().reshape(len(embedding), -1)
rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
lap("read")

kind = faiss.SuperKmeans if options.super else faiss.Kmeans
model = kind(rows.shape[1], options.k, niter=options.rounds)
model.train(rows)
index = faiss.IndexFlatL2(rows.shape[1])
index.add(model.centroids)
distances, labels = index.search(rows, 1)
distances, labels = distances[:, 0], labels[:, 0]
lap("kmeans")

order = np.lexsort((-distances, labels))
bounds = np.searchsorted(labels[order], np.arange(options.k + 1))
removed, kept, similarity = [], [], []
for cluster in range(options.k):
    members = order[bounds[cluster] : bounds[cluster + 1]]
    group = rows[members]
    for first in range(0, len(members), TILE):
        last = min(len(members), first + TILE)
        products = np.triu(group[:last] @ group[first:last].T, 1 - first)
        at = products.argmax(0)
        best = products[at, np.arange(last - first)]
        found = np.nonzero(best >= 1 - options.eps)[0]
        removed.append(members[first + found])
        kept.append(members[at[found]])
        similarity.append(best[found])
lap("pairwise")

removed, kept = np.concatenate(removed), np.concatenate(kept)
columns = {"id": ids.take(pa.array(removed)), "kept_id": ids.take(pa.array(kept)), "score": np.concatenate(similarity)}
pa.parquet.write_table(pa.table(columns), options.output)
lap("write")
print(json.dumps({"seconds": seconds, "removed": len(removed), "version": faiss.__version__}))
