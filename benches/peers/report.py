"""Results as tables for people and as JSON for programs."""

import json
import os
import statistics
from pathlib import Path

from sides import OURS


def rows_of(case, results, rounds):
    """One row for each peer; the ratio is the peer's time over ours: above 1, ours is faster."""
    (_, _, ours), *peers = results
    ours_ms = 1e3 * statistics.median(ours)
    for name, facts, seconds in peers:
        peer_ms = 1e3 * statistics.median(seconds)
        yield {
            "case": case["name"],
            "peer": name,
            "threads": case["threads"],
            "ours_ms": ours_ms,
            "peer_ms": peer_ms,
            "ratio": peer_ms / ours_ms,
            "ours_min_ms": 1e3 * min(ours),
            "peer_min_ms": 1e3 * min(seconds),
            "rounds": rounds,
            "ours_iterations": len(ours),
            "peer_iterations": len(seconds),
            "peer_variant": facts["variant"],
        }


def header(machine, about):
    """The facts that a figure means nothing without."""
    versions = ", ".join(f"{name} {facts['version']}" for name, facts in about.items())
    cores = f"{machine['cores']} core{'s' * (machine['cores'] != 1)}"
    return f"{machine['cpu']}, {cores}, {machine['system']}; {versions}; kernels: {about[OURS]['instruction_set']}"


def milliseconds(key):
    return lambda row: f"{row[key]:.4g}" if row[key] < 1000 else f"{row[key]:.0f}"


def plain(key):
    return lambda row: str(row[key])


def fixed(key, digits):
    return lambda row: f"{row[key]:.{digits}f}"


# Columns of the tables: heading, alignment, and the text of a row.
TIMES = [
    ("case", "<", plain("case")),
    ("threads", ">", plain("threads")),
    ("ambulo ms", ">", milliseconds("ours_ms")),
    ("peer", "<", plain("peer")),
    ("peer ms", ">", milliseconds("peer_ms")),
    ("ratio", ">", fixed("ratio", 2)),
    ("peer's variant", "<", plain("peer_variant")),
]
# The time of one step of one window stays the same from line to line where growth is linear.
SCALING = [
    ("case", "<", plain("case")),
    ("ambulo ms", ">", milliseconds("ours_ms")),
    ("us/window/step", ">", fixed("ours_us_per_window_step", 4)),
    ("peer", "<", plain("peer")),
    ("peer ms", ">", milliseconds("peer_ms")),
    ("us/window/step", ">", fixed("peer_us_per_window_step", 4)),
    ("ratio", ">", fixed("ratio", 2)),
]
MEMORY = [
    ("case", "<", plain("case")),
    ("threads", ">", plain("threads")),
    ("ambulo MB", ">", fixed("ours_mb", 0)),
    ("at start", ">", fixed("ours_started_mb", 0)),
    ("peer", "<", plain("peer")),
    ("peer MB", ">", fixed("peer_mb", 0)),
    ("at start", ">", fixed("peer_started_mb", 0)),
    ("ratio", ">", fixed("ratio", 2)),
]


def table(columns, rows):
    lines = [[heading for heading, _, _ in columns], *([text(row) for _, _, text in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        cells = (f"{cell:{align}{width}}" for cell, (_, align, _), width in zip(line, columns, widths))
        yield "  ".join(cells).rstrip()


def write_json(path, rows):
    """Complete or not at all: written beside its place, then renamed."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)
