"""The driver of the benchmark: `run.sh` starts it, README.md describes it. Needs nothing but Python."""

import argparse
import sys
from pathlib import Path

import cases
import report
from environment import Failure, build, interpreter, machine, note, progress
from sides import OURS, SideError, Sides, measure, prepared

MEMORY_STEPS = 50
# Largest difference between two sides' logits, of the order of 1, from the same weights.
TOLERANCE = 1e-4


def arguments():
    parser = argparse.ArgumentParser(
        prog="run.sh",
        description="Times Ambulo beside PyTorch, TensorFlow and ONNX Runtime: the same networks, shapes and threads, "
        "a process for each side, in turns. Prints medians and ratios (the peer's time over Ambulo's: above 1, Ambulo "
        "is faster). Makes its own Python environment in ${AMBULO_PEERS_ENV:-target/peers-venv}.",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--scaling", action="store_true", help="growth with steps and windows instead of the usual cases")
    what.add_argument("--memory", action="store_true", help="peak memory of training instead of times")
    what.add_argument("--check", action="store_true", help="compare parameter counts and logits instead of times")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and end")
    parser.add_argument("--json", metavar="FILE", help="also write the results here")
    parser.add_argument("--case", metavar="PATTERN", default="", help="a case's name, a part of it, or a glob")
    parser.add_argument("--peer", metavar="NAME", action="append", choices=cases.ALL_PEERS,
                        help="only this peer (may be repeated): " + ", ".join(cases.ALL_PEERS))
    parser.add_argument("--rounds", metavar="N", type=positive(int), help="turns of each side (default 15)")
    parser.add_argument("--turn", metavar="SECONDS", type=positive(float), help="length of a turn (default 0.2)")
    parser.add_argument("--pause", metavar="SECONDS", type=positive(float), default=0.1,
                        help="rest between turns (default 0.1)")
    parser.add_argument("--quick", action="store_true",
                        help="few short turns, and no search for the peers' best settings: to try things out")
    parser.add_argument("--python", metavar="PATH", help="a Python that has the peers, instead of the own environment")
    options = parser.parse_args()
    if options.check and options.json:
        parser.error("--check measures nothing: there is no --json of it")
    options.peer = options.peer or list(cases.ALL_PEERS)
    options.rounds = options.rounds or (3 if options.quick else 15)
    options.turn = options.turn or (0.05 if options.quick else 0.2)
    return options


def positive(kind):
    def parse(text):
        value = kind(text)
        if not value > 0:
            raise ValueError
        return value

    parse.__name__ = f"positive {kind.__name__}"
    return parse


def compare_times(selected, sides, options, rows):
    for number, case in enumerate(selected, 1):
        progress(f"[{number}/{len(selected)}] {case['name']}")
        results = measure(case, sides, options.rounds, options.turn, options.pause, trial=not options.quick)
        for row in report.rows_of(case, results, options.rounds) if results else ():
            if options.scaling:
                window_steps = case["batch"] * case["time"]
                for side in ("ours", "peer"):
                    row[f"{side}_us_per_window_step"] = 1e3 * row[f"{side}_ms"] / window_steps
            progress(f"    {row['ours_ms']:.4g} ms, {row['peer']} {row['peer_ms']:.4g} ms, ratio {row['ratio']:.2f}")
            rows.append(row)


def compare_memory(selected, sides, rows):
    """Peak resident memory, each side in a fresh process: when it has started, and after the steps."""

    def peaks(case, name):
        side = sides.start(name)
        try:
            side.ask("hello")
            started = side.ask("memory")["peak_bytes"]
            side.ask("prepare", trial=False, **case)
            side.ask("run", iterations=MEMORY_STEPS)
            peak = side.ask("memory")["peak_bytes"]
        except SideError as error:
            note(f"{case['name']}: {name} leaves it out: {error}")
            return None
        finally:
            side.close()
        if peak is None:
            note("this system does not say how much memory a process has used")
            return None
        return started / 1e6, peak / 1e6

    for case in selected:
        ours = peaks(case, OURS)
        for name in case["peers"] if ours else ():
            progress(f"{case['name']}: {name}")
            if theirs := peaks(case, name):
                rows.append({
                    "case": case["name"],
                    "peer": name,
                    "threads": case["threads"],
                    "ours_mb": ours[1],
                    "peer_mb": theirs[1],
                    "ratio": theirs[1] / ours[1],
                    "ours_started_mb": ours[0],
                    "peer_started_mb": theirs[0],
                })


def check(selected, sides):
    """Whether all sides compute the same: parameter counts, and logits from the same weights and windows."""
    sound = True
    seen = []
    for case in selected:
        # Few steps, for the sake of time, but more than convolutions without padding take off, and an odd number:
        # Keras pads an even one in another way (see peer_tensorflow.py).
        small = {**case, "kind": "infer", "time": 33, "batch": 2, "windows": 2, "threads": 1}
        fresh = [peer for peer in case["peers"] if (peer, case["architecture"]) not in seen]
        seen += [(peer, case["architecture"]) for peer in fresh]
        ready = prepared({**small, "peers": fresh}, sides, trial=False) if fresh else []
        for side, facts in ready[1:]:
            try:
                verdict = difference(small, *ready[0], side, facts)
            except SideError as error:
                verdict = f"FAIL: {error}"
            sound &= not verdict.startswith("FAIL")
            print(f"{case['name']}: {side.name}: {verdict}", flush=True)
    return sound


def difference(case, ours, our_facts, side, facts):
    """What there is to say of one peer's parameters and logits; begins with FAIL where they differ from ours."""
    parameters = facts["parameters"] + facts["merged"]
    if parameters != our_facts["parameters"]:
        return f"FAIL: {parameters} parameters, {OURS} has {our_facts['parameters']}"
    expected = ours.ask("outputs")
    y = side.ask("outputs", case=case, weights=expected["weights"], x=expected["x"])["y"]
    largest = max(abs(a - b) for a, b in zip(expected["y"], y, strict=True))
    verdict = f"{parameters} parameters, logits differ by {largest:.1e}"
    return verdict if largest <= TOLERANCE else f"FAIL: {verdict}"


def main():
    options = arguments()
    every = cases.scaling() if options.scaling else cases.memory() if options.memory else cases.standard()
    selected = list(cases.selected(every, options.case, options.peer))
    if not selected:
        raise Failure(f"no case of these peers has {options.case!r} in its name; --list prints the names")
    if options.list:
        print(*(case["name"] for case in selected), sep="\n")
        return
    if options.json and not Path(options.json).absolute().parent.is_dir():
        raise Failure(f"--json {options.json}: no such folder")
    sides = Sides(interpreter(options.python), build())
    found = sides.discover([OURS, *(peer for peer in cases.ALL_PEERS if peer in options.peer)])
    if OURS not in found or len(found) < 2:
        raise Failure("there is nothing to compare")
    selected = list(cases.selected(selected, "", found))
    facts = machine()
    print(report.header(facts, sides.about), flush=True)
    if facts["cores"] < max(case["threads"] for case in selected):
        note("there are fewer cores than threads: the figures of those cases mean little")
    rows = []
    interrupted = False
    try:
        if options.check:
            if not check(selected, sides):
                raise Failure("the sides do not compute the same")
            return
        if options.memory:
            compare_memory(selected, sides, rows)
        else:
            compare_times(selected, sides, options, rows)
    except KeyboardInterrupt:
        interrupted = True
        note("interrupted: these are the cases that were finished")
    finally:
        sides.close()
    columns = report.SCALING if options.scaling else report.MEMORY if options.memory else report.TIMES
    print(*report.table(columns, rows), sep="\n")
    if options.json:
        about = {"instruction_set": sides.about[OURS]["instruction_set"], "quick": options.quick, **facts}
        report.write_json(
            options.json, [{**row, "peer_version": sides.about[row["peer"]]["version"], **about} for row in rows]
        )
    if interrupted or not rows:
        sys.exit(130 if interrupted else 1)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"error: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
