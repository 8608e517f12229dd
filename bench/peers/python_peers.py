"""Hosts the Python peers: answers protocol.ts, one JSON object a line, on its standard streams.

Each task is prepared first (data loaded, on the peer's device), run once to warm up, then timed. What a package prints
goes to standard error. Packages that are absent are named with the command that brings them.
"""

import importlib
import json
import os
import sys
import time

sys.dont_write_bytecode = True
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import numpy as np  # noqa: E402

CHUNK = 1024
missing = []
peers = {}


class Peer:
    def __init__(self, name, version, device, tasks):
        self.name, self.version, self.device, self.tasks = name, version, device, tasks
        peers[name] = self


def package(name, pip):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name == name
        why = "not installed" if absent else f"cannot be imported ({error})"
        missing.append({"name": pip, "remedy": f"{why}. Run: {sys.executable} -m pip install {pip}"})
        return None


class Task:
    """run() is timed; result() gives an array to write; sync() waits for the device."""

    def __init__(self, run, result, sync=lambda: None, **about):
        self.run, self.result, self.sync, self.about = run, result, sync, about


loaded = {}


def load(matrix):
    """Rows of a file, kept until another file is asked for."""
    if matrix["path"] not in loaded:
        if matrix["rowCount"] > 4096:
            loaded.clear()
        values = np.fromfile(matrix["path"], dtype=np.float32)
        loaded[matrix["path"]] = values.reshape(matrix["rowCount"], matrix["dim"])
    return loaded[matrix["path"]]


def fresh(matrix):
    return np.fromfile(matrix["path"], dtype=np.float32).reshape(matrix["rowCount"], matrix["dim"])


# numpy: products in chunks on the BLAS it comes with.


def numpy_assign(request):
    rows, centers = load(request["rows"]), fresh(request["centroids"])
    half = (centers * centers).sum(1) / 2
    labels = np.empty(len(rows), np.uint32)

    def run():
        for first in range(0, len(rows), 4096):
            products = rows[first : first + 4096] @ centers.T
            products -= half
            labels[first : first + 4096] = products.argmax(1)

    return Task(run, lambda: labels)


def numpy_pairwise(request):
    """What NeMo Curator does, on the CPU: all rows times a batch of columns, what is not above the diagonal set to 0, the
    maximum of each column."""
    rows = load(request["rows"])
    scores = np.empty(len(rows), np.float32)

    def run():
        start = 0
        for size in request["groupRows"]:
            group = rows[start : start + size]
            for first in range(0, size, CHUNK):
                last = min(size, first + CHUNK)
                products = np.triu(group @ group[first:last].T, 1 - first)
                scores[start + first : start + last] = products.max(0)
            start += size

    return Task(run, lambda: scores, looksAt="earlier")


Peer("numpy", np.__version__, "cpu", {"assign": numpy_assign, "pairwise": numpy_pairwise})


# scikit-learn


def sklearn_kmeans(request):
    from sklearn.cluster import KMeans

    rows, first = load(request["rows"]), fresh(request["centroids"])
    state = {}

    def run():
        model = KMeans(len(first), init=first, n_init=1, max_iter=request["rounds"], tol=0, algorithm="lloyd", copy_x=False)
        state["model"] = model.fit(rows)

    def result():
        return state["model"].cluster_centers_.astype(np.float32)

    return Task(run, result, rounds=lambda: int(state["model"].n_iter_))


def sklearn_assign(request):
    from sklearn.cluster import KMeans

    rows, centers = load(request["rows"]), fresh(request["centroids"])
    model = KMeans(len(centers), init=centers, n_init=1, max_iter=1).fit(centers)
    model.cluster_centers_ = centers
    state = {}

    def run():
        state["labels"] = model.predict(rows)

    return Task(run, lambda: state["labels"].astype(np.uint32))


sklearn = package("sklearn", "scikit-learn")
if sklearn:
    Peer("scikit-learn", sklearn.__version__, "cpu", {"assign": sklearn_assign, "kmeans": sklearn_kmeans})


# faiss


def faiss_kmeans(request):
    rows, first = load(request["rows"]), fresh(request["centroids"])
    state = {}

    def run():
        model = faiss.Kmeans(
            rows.shape[1], len(first), niter=request["rounds"], max_points_per_centroid=1 << 30, min_points_per_centroid=1
        )
        model.train(rows, init_centroids=first)
        state["centroids"] = model.centroids

    return Task(run, lambda: state["centroids"])


def faiss_super_kmeans(request):
    """It takes no first centroids: it draws rows itself, so the objective says how good they were."""
    rows, first = load(request["rows"]), fresh(request["centroids"])
    state = {}

    def run():
        model = faiss.SuperKmeans(
            rows.shape[1], len(first), niter=request["rounds"], max_points_per_centroid=1 << 30, min_points_per_centroid=1
        )
        model.train(rows)
        state["centroids"] = model.centroids

    return Task(run, lambda: state["centroids"], ownSeeds=True)


def faiss_assign(request):
    rows, centers = load(request["rows"]), fresh(request["centroids"])
    index = faiss.IndexFlatL2(rows.shape[1])
    index.add(centers)
    state = {}

    def run():
        state["labels"] = index.search(rows, 1)[1]

    return Task(run, lambda: state["labels"].astype(np.uint32))


def faiss_pairwise(request):
    """The two nearest of each row by inner product; one of them is the row itself."""
    rows = load(request["rows"])
    scores = np.empty(len(rows), np.float32)

    def run():
        start = 0
        for size in request["groupRows"]:
            group = rows[start : start + size]
            index = faiss.IndexFlatIP(rows.shape[1])
            index.add(group)
            products, found = index.search(group, 2)
            own = found[:, 0] == np.arange(size)
            scores[start : start + size] = np.where(own, products[:, 1], products[:, 0])
            start += size

    return Task(run, lambda: scores, looksAt="any")


faiss = package("faiss", "faiss-cpu")
if faiss:
    tasks = {"assign": faiss_assign, "kmeans": faiss_kmeans, "pairwise": faiss_pairwise}
    Peer("faiss-cpu", faiss.__version__, "cpu", tasks)
    if hasattr(faiss, "SuperKmeans"):
        Peer("faiss-cpu SuperKMeans", faiss.__version__, "cpu", {"kmeans": faiss_super_kmeans})


def serve(request):
    if request.get("hello"):
        if "torch" in sys.argv[1:]:
            import torch_peers

            torch_peers.register(Peer, Task, missing, load, fresh)
        return {
            "peers": [
                {"name": p.name, "version": p.version, "device": p.device, "tasks": list(p.tasks)} for p in peers.values()
            ],
            "missing": missing,
        }
    task = peers[request["peer"]].tasks[request["task"]](request)
    seconds = []
    # The first run warms up; where it takes long, it is the only one.
    while len(seconds) < 2 and sum(seconds) < 15 or len(seconds) < 6 and sum(seconds) < request["budgetSeconds"]:
        task.sync()
        started = time.perf_counter()
        task.run()
        task.sync()
        seconds.append(time.perf_counter() - started)
    if len(seconds) > 1:
        seconds = seconds[1:]
    np.ascontiguousarray(task.result()).tofile(request["resultPath"])
    about = {name: value() if callable(value) else value for name, value in task.about.items()}
    return {"seconds": seconds, **about}


for line in sys.stdin:
    try:
        answer = serve(json.loads(line))
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
