"""One peer's side of the benchmark: `worker.py torch|tensorflow|onnxruntime`.

Answers each command, a JSON object on one line of the standard input, with a JSON object on one line of the standard
output, as the Rust side does (see README.md).
"""

import importlib
import json
import math
import os
import statistics
import sys
import time


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def fastest(variants):
    """The name of the variant with the shortest median iteration in a short trial."""

    def trial(run):
        try:
            timed(run), timed(run)
        except Exception:  # Not every variant exists everywhere: XLA, for one.
            return math.inf
        seconds = []
        while len(seconds) < 5 or (sum(seconds) < 0.3 and len(seconds) < 200):
            seconds.append(timed(run))
        return statistics.median(seconds)

    return min(variants, key=lambda name: trial(variants[name]))


def peak_memory():
    """Peak resident memory in bytes, where Linux's /proc says it."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return None


class Worker:
    def __init__(self, peer):
        self.peer = peer
        self.run_one = None

    def hello(self, _):
        return {"version": self.peer.version()}

    def prepare(self, case):
        self.run_one = None
        prepared = self.peer.prepare(case)
        variants = prepared.variants
        name = fastest(variants) if case["trial"] and len(variants) > 1 else next(iter(variants))
        self.run_one = variants[name]
        return {"parameters": prepared.parameters, "merged": prepared.merged, "variant": name}

    def run(self, command):
        return {"seconds": [timed(self.run_one) for _ in range(command["iterations"])]}

    def outputs(self, command):
        return {"y": self.peer.outputs(command["case"], command["weights"], command["x"])}

    def memory(self, _):
        return {"peak_bytes": peak_memory()}


def main():
    # Libraries print where they please: the answers keep the standard output, the rest goes to the standard error.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # All sides compute on the processor.
    worker = None
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if worker is None:
                worker = Worker(importlib.import_module(f"peer_{sys.argv[1]}"))
            reply = getattr(worker, command["op"])(command)
        except Exception as error:  # The driver says which case it was and goes on with the next.
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    main()
