"""torch and flash-kmeans on an NVIDIA GPU: what CUDA users run today. Data is on the GPU before the clock starts, and the
clock stops when the GPU has finished. Rows come from a file or are made on the GPU (embedding_data.py)."""

import contextlib

import numpy as np

BATCH = 1024
# Rows of one product: with 1000 centroids half a gigabyte.
CHUNK = 131072


@contextlib.contextmanager
def precision(torch, tf32):
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = tf32
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = before


def register(Peer, Task, missing, load, fresh):
    try:
        import torch
    except ImportError:
        missing.append({"name": "torch", "remedy": "not installed. See pytorch.org for the build of this GPU"})
        return
    if not torch.cuda.is_available():
        missing.append({"name": "torch", "remedy": "finds no CUDA device"})
        return
    kept = {}

    def rows_of(request, dtype):
        """Kept until other rows are asked for, as one copy in each precision that is in use."""
        key = str(sorted((request["rows"].get("plan") or request["rows"]).items()))
        if kept.get("key") != key:
            kept.clear()
            kept["key"] = key
            if "plan" in request["rows"]:
                from embedding_data import Plan

                kept[torch.float32] = Plan(request["rows"]["plan"], "cuda").matrix()
            else:
                kept[torch.float32] = torch.from_numpy(load(request["rows"])).cuda()
        if dtype not in kept:
            kept[dtype] = kept[torch.float32].to(dtype)
        return kept[dtype]

    def nearest(rows, centers, labels):
        half = ((centers.float() ** 2).sum(1) / 2).to(rows.dtype)
        for first in range(0, len(rows), CHUNK):
            # c - x.c is smallest where x.c - c is largest; addmm does both in one call.
            products = torch.addmm(-half, rows[first : first + CHUNK], centers.T)
            labels[first : first + CHUNK] = products.argmax(1)

    def task_assign(dtype, tf32):
        def prepare(request):
            rows = rows_of(request, dtype)
            centers = torch.from_numpy(fresh(request["centroids"])).cuda().to(dtype)
            labels = torch.empty(len(rows), dtype=torch.int64, device="cuda")

            def run():
                with precision(torch, tf32):
                    nearest(rows, centers, labels)

            return Task(run, lambda: labels.cpu().numpy().astype(np.uint32), torch.cuda.synchronize)

        return prepare

    def task_kmeans(dtype, tf32):
        def prepare(request):
            rows = rows_of(request, dtype)
            first = torch.from_numpy(fresh(request["centroids"])).cuda()
            labels = torch.empty(len(rows), dtype=torch.int64, device="cuda")
            state = {}

            def run():
                centers = first.clone()
                with precision(torch, tf32):
                    for _ in range(request["rounds"]):
                        nearest(rows, centers.to(dtype), labels)
                        sums = torch.zeros_like(centers)
                        for at in range(0, len(rows), CHUNK):
                            sums.index_add_(0, labels[at : at + CHUNK], rows[at : at + CHUNK].float())
                        counts = torch.bincount(labels, minlength=len(centers))
                        moved = sums / counts.clamp(min=1)[:, None]
                        centers = torch.where((counts > 0)[:, None], moved, centers)
                state["centers"] = centers

            return Task(run, lambda: state["centers"].cpu().numpy(), torch.cuda.synchronize)

        return prepare

    def task_pairwise(dtype, tf32):
        """What NeMo Curator does: all rows times a batch of columns, what is not above the diagonal set to 0, the maximum of
        each column with its row."""

        def prepare(request):
            rows = rows_of(request, dtype)
            scores = torch.empty(len(rows), device="cuda")
            indices = torch.empty(len(rows), dtype=torch.int64, device="cuda")

            def run():
                with precision(torch, tf32):
                    start = 0
                    for size in request["groupRows"]:
                        group = rows[start : start + size]
                        for first in range(0, size, BATCH):
                            last = min(size, first + BATCH)
                            products = torch.mm(group, group[first:last].T)
                            best, at = torch.triu(products, diagonal=1 - first).max(dim=0)
                            scores[start + first : start + last] = best
                            indices[start + first : start + last] = at
                        start += size

            return Task(run, lambda: scores.cpu().numpy(), torch.cuda.synchronize, looksAt="earlier")

        return prepare

    name = torch.cuda.get_device_name()
    for title, dtype, tf32 in (
        ("torch fp32", torch.float32, False),
        ("torch TF32", torch.float32, True),
        ("torch fp16", torch.float16, False),
    ):
        tasks = {
            "assign": task_assign(dtype, tf32),
            "kmeans": task_kmeans(dtype, tf32),
            "pairwise": task_pairwise(dtype, tf32),
        }
        Peer(title, torch.__version__, name, tasks)

    try:
        import flash_kmeans
    except ImportError:
        missing.append({"name": "flash-kmeans", "remedy": "not installed. Run: python3 -m pip install flash-kmeans"})
        return

    def flash(request):
        rows = rows_of(request, torch.float16)
        first = torch.from_numpy(fresh(request["centroids"])).cuda().half()
        state = {}

        def run():
            state["centers"] = flash_kmeans.batch_kmeans_Euclid(
                rows[None], len(first), max_iters=request["rounds"], tol=-1.0, init_centroids=first[None]
            )[1][0]

        return Task(run, lambda: state["centers"].float().cpu().numpy(), torch.cuda.synchronize)

    version = getattr(flash_kmeans, "__version__", "unknown")
    Peer("flash-kmeans fp16", version, name, {"kmeans": flash})
