#!/usr/bin/env python3
"""Kills `ambulo classify --out` at random moments and checks that it ends in the same bytes as if nobody had.

    python3 scripts/kill_classify.py AMBULO DIRECTORY [--recordings N] [--kills N] [--seed N] [-- OPTION...]

Makes N short recordings in DIRECTORY, which must not exist (1,000 unless told otherwise), classifies them once without a break,
then once more into another directory, killed (SIGKILL) 20 times and started again each time. Then every file of one must be a file of
the other, byte by byte, and nothing else may lie there. One recording is damaged, so that failures are part of it. Options
behind `--` are given to every `ambulo classify`, e.g. `--model runs/NAME`. Takes a few minutes; no part of CI.
"""

import argparse
import math
import random
import subprocess
import sys
import time
from pathlib import Path

RATE = 50


def recording(path, seed):
    """Ten to thirty seconds of walking, then as much of rest."""
    noise = random.Random(seed)
    half = RATE * noise.randint(10, 30)
    lines = ["time (s),ax (g),ay (g),az (g),gx (rad/s),gy (rad/s),gz (rad/s)"]
    for i in range(2 * half):
        t = i / RATE
        size = 1.0 if i < half else 0.01
        step, stride = size * math.sin(12 * t), size * math.sin(6 * t)
        values = [1 + 0.3 * step, 0.15 * stride, 0.1 + 0.1 * step, 0.6 * stride, 0.4 * step, 0.3 * stride]
        lines.append(f"{t:.2f}," + ",".join(f"{v + noise.gauss(0, 0.01):.4f}" for v in values))
    path.write_text("\n".join(lines) + "\n")


def content(directory):
    return {p.relative_to(directory): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ambulo", type=Path)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--recordings", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    own, options = sys.argv[1:], []
    if "--" in own:
        place = own.index("--")
        own, options = own[:place], own[place + 1 :]
    args = parser.parse_args(own)
    recordings = args.directory / "recordings"
    recordings.mkdir(parents=True)
    for number in range(args.recordings):
        folder = recordings / f"person{number % 10}"
        folder.mkdir(exist_ok=True)
        recording(folder / f"walk{number // 10:03}.csv", args.seed * 1_000_000 + number)
    # Two columns of a table that has seven.
    (recordings / "person0" / "damaged.csv").write_text("time (s),ax (g),ay (g)\n0.00,1\n")

    def start(out):
        command = [args.ambulo.absolute(), "classify", recordings, "--out", out, *options]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def finish(out):
        process = start(out)
        said = process.stderr.read()
        # The damaged one fails, and nothing else.
        if process.wait() != 1 or said.count("error:") != 1:
            sys.exit(f"exit {process.returncode}:\n{said}")
        return said.splitlines()[0]

    whole, killed = args.directory / "whole", args.directory / "killed"
    began = time.monotonic()
    print(finish(whole), flush=True)
    seconds = time.monotonic() - began
    print(f"without a break: {seconds:.1f} s", flush=True)

    moments = random.Random(args.seed)
    kills = 0
    while kills < args.kills:
        process = start(killed)
        wait = moments.uniform(0, 2 * seconds / args.kills)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            done = len(list(killed.glob("*.summary.json")))
            left = [p.name for p in killed.glob(".ambulo-*") if p.name != ".ambulo-lock"]
            print(f"kill {kills:2} after {wait:.2f} s: {done} finished, {len(left)} temporary", flush=True)
        else:
            break
    print(finish(killed), flush=True)
    first, second = content(whole), content(killed)
    differ = [str(name) for name in sorted(first.keys() | second.keys()) if first.get(name) != second.get(name)]
    if differ or kills < args.kills:
        sys.exit(f"{kills} kills; {len(differ)} files differ, among them {differ[:5]}")
    print(f"{kills} kills, {len(first)} files, the same bytes")


if __name__ == "__main__":
    main()
