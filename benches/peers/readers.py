"""Ambulo's readers of tables and Parquet beside polars, on the same files, in turns.

    python3 benches/peers/readers.py                       # 5 million rows, 7 rounds
    python3 benches/peers/readers.py --rows 60480000       # a week at 100 Hz: 4.3 GB of CSV
    python3 benches/peers/readers.py --python PATH         # a Python that has polars

Makes the files in target/readers and, unless one is given, a Python environment in ${AMBULO_READERS_ENV:-target/readers-venv}.
Both sides may use the same two processors where the system lets a process be bound to them, and polars has as many threads. The
ratio is polars' time over Ambulo's: above 1, Ambulo is faster. Ambulo gives all times as nanoseconds and all values as f32, in
chunks; polars' ways are named in the table, and those that leave ISO times as text do less.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from environment import Failure, ROOT, machine, progress

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements-readers.txt"
# Name, extension, and what `make_week` is told.
FILES = [
    ("csv, times in ms", "csv", []),
    ("csv, ISO times", "csv", ["--time", "iso"]),
    ("parquet, plain", "parquet", []),
    ("parquet, dictionary, nullable", "parquet", ["--dictionary", "--optional"]),
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", metavar="N", type=int, default=5_000_000, help="rows of each file (default 5 million)")
    parser.add_argument("--rounds", metavar="N", type=int, default=7, help="turns of each side (default 7)")
    parser.add_argument("--threads", metavar="N", type=int, default=2, help="processors and threads of each side (default 2)")
    parser.add_argument("--file", metavar="PART", default="", help="only files with this in their name")
    parser.add_argument("--json", metavar="FILE", help="also write the results here")
    parser.add_argument("--python", metavar="PATH", help="a Python that has polars, instead of the own environment")
    return parser.parse_args()


def interpreter(given):
    if given:
        return given
    folder = ROOT / os.environ.get("AMBULO_READERS_ENV", "target/readers-venv")
    python = folder / "bin" / "python"
    if not python.exists():
        progress(f"making a Python environment in {folder}")
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", str(REQUIREMENTS)], check=True)
    return str(python)


def build():
    """Builds the examples; where they are by name."""
    progress("building the examples of ambulo-formats")
    command = ["cargo", "build", "--release", "-p", "ambulo-formats", "--examples", "--message-format", "json-render-diagnostics"]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise Failure("cargo build --release -p ambulo-formats --examples failed")
    messages = [json.loads(line) for line in result.stdout.splitlines()]
    return {m["target"]["name"]: m["executable"] for m in messages if m.get("executable")}


class Polars:
    def __init__(self, python, threads):
        environment = os.environ | {"POLARS_MAX_THREADS": str(threads)}
        command = [python, str(HERE / "peer_polars.py")]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failure("polars' side ended")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def ours(program, path):
    result = subprocess.run([program, str(path), "1"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(result.stdout.splitlines()[-1])


def compare(name, path, iso, program, polars, rounds):
    """Rows of the table for one file."""
    known = polars.ask(path=str(path), iso=iso)
    ways = known["ways"]
    # Once for nothing: the file is in memory then, and threads are there.
    first = ours(program, path)
    for way in ways:
        rows = polars.ask(path=str(path), iso=iso, way=way)["rows"]
        if rows != first["rows"]:
            raise Failure(f"{name}: {first['rows']} rows, but {rows} by polars' {way}")
    mine, theirs = [], {way: [] for way in ways}
    for turn in range(rounds):
        mine.append(ours(program, path))
        for way in ways[turn % len(ways):] + ways[: turn % len(ways)]:
            theirs[way].append(polars.ask(path=str(path), iso=iso, way=way)["seconds"])
    seconds = [run["seconds"] for run in mine]
    for way in ways:
        yield {
            "file": name,
            "rows": first["rows"],
            "megabytes": path.stat().st_size / 1e6,
            "ours_s": statistics.median(seconds),
            "ours_min_s": min(seconds),
            "ours_peak_mb": max(run["peak_mb"] or 0 for run in mine),
            "peer": f"polars {known['version']}",
            "way": way,
            "peer_s": statistics.median(theirs[way]),
            "peer_min_s": min(theirs[way]),
            "ratio": statistics.median(theirs[way]) / statistics.median(seconds),
            "min_ratio": min(theirs[way]) / min(seconds),
            "threads": known["threads"],
            "load": os.getloadavg()[0],
        }


def main():
    options = arguments()
    programs = build()
    python = interpreter(options.python)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    folder = ROOT / "target" / "readers"
    folder.mkdir(parents=True, exist_ok=True)
    polars = Polars(python, options.threads)
    facts = machine()
    print(f"{facts['cpu']}, {facts['cores']} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'file':30} {'MB':>6} {'ambulo s':>9} {'MB/s':>6} {'peak MB':>8}  {'polars':34} {'s':>7} {'ratio':>6} {'of minima':>9}")
    results = []
    try:
        for name, extension, how in FILES:
            if options.file not in name:
                continue
            path = folder / f"{'-'.join([*(h.strip('-') for h in how), str(options.rows)])}.{extension}"
            if not path.exists():
                progress(f"writing {path}")
                subprocess.run([programs["make_week"], "--rows", str(options.rows), *how, str(path)], check=True)
            for row in compare(name, path, "iso" in how, programs["read_through"], polars, options.rounds):
                results.append(row | facts)
                print(
                    f"{row['file']:30} {row['megabytes']:6.0f} {row['ours_s']:9.3f} {row['megabytes'] / row['ours_s']:6.0f} "
                    f"{row['ours_peak_mb']:8.1f}  {row['way']:34} {row['peer_s']:7.3f} {row['ratio']:6.2f} {row['min_ratio']:9.2f}",
                    flush=True,
                )
    finally:
        polars.close()
    print(f"load {os.getloadavg()[0]:.1f}")
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except Failure as error:
        sys.exit(f"error: {error}")
