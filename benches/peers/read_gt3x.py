"""Reading .gt3x side by side: Ambulo, actfast and pygt3x on the same files, alternating, in one run.

    cargo build --release -p ambulo-formats --examples
    target/release/examples/gt3x_week week.gt3x 12
    python read_gt3x.py target/release/examples/read_all week.gt3x [--rounds 3] [--without pygt3x]

Every reading is a process of its own; the time is that of the reading alone, without the start of Python. Ambulo gives the samples
in chunks, the others hold them all in memory. Needs `pip install actfast pygt3x`.
"""

import argparse
import re
import statistics
import subprocess
import sys

PEERS = {
    "actfast": "import sys, time, actfast; t = time.perf_counter(); r = actfast.read(sys.argv[1]); print(time.perf_counter() - t)",
    "pygt3x": "import sys, time\nfrom pygt3x.reader import FileReader\nt = time.perf_counter()\nwith FileReader(sys.argv[1]) as r: r.to_pandas()\n"
    "print(time.perf_counter() - t)",
}


def ambulo(program, path):
    said = subprocess.run([program, path], check=True, capture_output=True, text=True).stdout
    return float(re.search(r"samples in ([\d.]+) s", said).group(1))


def peer(name, path):
    return float(subprocess.run([sys.executable, "-c", PEERS[name], path], check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without", action="append", default=[])
    given = parser.parse_args()
    names = [name for name in PEERS if name not in given.without]
    for path in given.files:
        times = {name: [] for name in ["ambulo", *names]}
        for _ in range(given.rounds):
            times["ambulo"].append(ambulo(given.program, path))
            for name in names:
                times[name].append(peer(name, path))
        own = statistics.median(times["ambulo"])
        print(f"{path}: ambulo {own:.3f} s")
        for name in names:
            median = statistics.median(times[name])
            print(f"    {name} {median:.3f} s, ratio {median / own:.1f}")


if __name__ == "__main__":
    main()
