"""Reading a .cwa file: Ambulo beside actfast and, if it is installed, scikit-digital-health.

    cargo build --release -p ambulo-formats --examples
    target/release/examples/repeat_cwa SHORT.cwa /tmp/week.cwa 1512000
    python3 benches/peers/read_cwa.py /tmp/week.cwa

All sides decode every sample of the same file, in turn, and the medians are compared: seconds by the clock, which other work on the
machine lengthens, and processor seconds of all threads, which it hardly does. Ambulo hands the samples on in chunks; its peers keep
all of them in memory.
"""

import argparse
import importlib.metadata
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings


def ambulo(path, program):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, path, "1"], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def in_this_process(read, path):
    before = time.process_time()
    read(path)
    return time.process_time() - before


def named(package):
    return f"{package} {importlib.metadata.version(package)}"


def sides(program):
    yield "ambulo", lambda path: ambulo(path, program)
    try:
        import actfast

        yield named("actfast"), lambda path: in_this_process(actfast.read, path)
    except ImportError:
        print("note: actfast is not installed", file=sys.stderr)
    try:
        from skdh.io import ReadCwa

        warnings.filterwarnings("ignore")
        yield named("scikit-digital-health"), lambda path: in_this_process(lambda path: ReadCwa().predict(file=path), path)
    except ImportError:
        pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    parser.add_argument("--program", default="target/release/examples/read_speed")
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    megabytes = os.path.getsize(arguments.file) / 1e6
    times = {}
    all_sides = list(sides(arguments.program))
    for _ in range(arguments.turns):
        for name, read in all_sides:
            start = time.perf_counter()
            processor = read(arguments.file)
            times.setdefault(name, []).append((time.perf_counter() - start, processor))
    print(f"{'':32} {'s':>8} {'MB/s':>8} {'ratio':>7} {'cpu s':>8} {'MB/cpu s':>9} {'ratio':>7}")
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in times.items()}
    for name, (wall, processor) in medians.items():
        ratios = [wall / medians["ambulo"][0], processor / medians["ambulo"][1]]
        print(
            f"{name:32} {wall:8.3f} {megabytes / wall:8.0f} {ratios[0]:7.1f}"
            f" {processor:8.3f} {megabytes / processor:9.0f} {ratios[1]:7.1f}"
        )


if __name__ == "__main__":
    main()
