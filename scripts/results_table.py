#!/usr/bin/env python3
"""Rebuilds the tables of docs/RESULTS.md from the records of runs.

    python3 scripts/results_table.py                 # writes between the markers
    python3 scripts/results_table.py --check         # fails if that would change the page

Reads docs/results/*.json, each the metrics.json of a run under a name of its own. Needs nothing but Python.
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "RESULTS.md"
KINDS = ["any-facing", "levelled", "fixed"]
ORDER = [
    "cnn", "cnn-lstm", "cnn-lstm-attention", "lstm", "bilstm", "gru", "deepconvlstm", "tiny",
    "features-linear", "features-rbf",
]


def percent(value):
    return f"{100 * value:.2f}"


def interval(estimate):
    low, high = estimate["ci95"]
    return f"{percent(estimate['mean'])} ({percent(low)}–{percent(high)})"


def wearing(test, name):
    found = [w for w in test["wearings"] if w["wearing"] == name]
    return percent(found[0]["accuracy"]["mean"]) if found else "–"


def is_baseline(run):
    return run["model"].startswith("features-")


def is_acceleration_alone(run):
    return run.get("sensors") == ["accelerometer"]


def recall(test, label):
    # Records of format 1 have labels in capitals.
    return f"{next(c['recall'] for c in test['per_class'] if c['label'].lower() == label):.3f}"


def main_table(runs):
    lines = [
        "| model | kind | parameters | seeds | accuracy, % (95 % interval) | s.d. | macro-F1 | sitting / standing recall | "
        "ECE before → after | worst person, quartiles | train s |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        t, s = run["test"], run["test"]["subject_accuracy"]
        ece = "votes" if is_baseline(run) else f"{t['ece_uncalibrated']:.4f} → {t['ece']:.4f}"
        parameters = "–" if is_baseline(run) else f"{run['parameters']:,}"
        lines.append(
            f"| `{run['model']}` | {run['orientation']} | {parameters} | {len(run['seeds'])} "
            f"| {interval(t['accuracy'])} | {percent(t['accuracy']['sd'])} | {t['macro_f1']['mean']:.4f} "
            f"| {recall(t, 'sitting')} / {recall(t, 'standing')} | {ece} "
            f"| {percent(s['min'])}; {percent(s['q1'])}, {percent(s['median'])}, {percent(s['q3'])} "
            f"| {run['train_seconds'] / len(run['seeds']):.0f} |"
        )
    return lines


def wearing_table(runs):
    lines = [
        "| model | kind | as recorded | turned at random | worst of eight facings | tilted ≤ 15° | tilted ≤ 30° | upside down |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs:
        t = run["test"]
        worst = min(t["accuracy"]["mean"], *(
            w["accuracy"]["mean"] for w in t["wearings"] if w["wearing"].startswith("facing-")
        ))
        lines.append(
            f"| `{run['model']}` | {run['orientation']} | {percent(t['accuracy']['mean'])} | {wearing(t, 'turned')} "
            f"| {percent(worst)} | {wearing(t, 'tilted-15')} | {wearing(t, 'tilted-30')} | {wearing(t, 'upside-down')} |"
        )
    return lines


def worst_people(run):
    people = sorted(run["test"]["per_subject"].items(), key=lambda kv: kv[1]["accuracy"])[:5]
    return ", ".join(f"{person}: {percent(p['accuracy'])}" for person, p in people)


def folds_table(runs):
    lines = [
        "| protocol | activities | model | kind | seeds | macro-F1 (95 % interval) | accuracy, % | turned | "
        "five worst people, accuracy % | train s, all folds |",
        "|---|---:|---|---|---:|---:|---:|---:|---|---:|",
    ]
    for run in runs:
        t = run["test"]
        f1 = t["macro_f1"]
        lines.append(
            f"| `{run['protocol']}` | {len(run['labels'])} | `{run['model']}` | {run['orientation']} | {len(run['seeds'])} "
            f"| {f1['mean']:.4f} ({f1['ci95'][0]:.4f}–{f1['ci95'][1]:.4f}) | {percent(t['accuracy']['mean'])} "
            f"| {wearing(t, 'turned')} | {worst_people(run)} | {run['train_seconds']:.0f} |"
        )
    return lines


def replace(page, marker, lines):
    begin, end = f"<!-- {marker}: made by scripts/results_table.py -->", f"<!-- end of {marker} -->"
    before, rest = page.split(begin)
    _, after = rest.split(end)
    return before + begin + "\n" + "\n".join(lines) + "\n" + end + after


def main():
    runs = [json.loads(p.read_text()) for p in sorted((ROOT / "docs" / "results").glob("*.json"))]
    runs.sort(key=lambda r: (
        len(KINDS) if is_baseline(r) else KINDS.index(r["orientation"]), ORDER.index(r["model"]), r["protocol"], len(r["labels"])
    ))
    every = [r for r in runs if r["protocol"] == "official" and len(r["labels"]) == 6]
    official = [r for r in every if not is_acceleration_alone(r)]
    acceleration = [r for r in every if is_acceleration_alone(r)]
    folds = [r for r in runs if r["protocol"] != "official"]
    folds.sort(key=lambda r: (r["protocol"], len(r["labels"])))
    old = PAGE.read_text()
    page = replace(old, "official", main_table(official))
    page = replace(page, "wearings", wearing_table(official))
    page = replace(page, "acceleration", main_table(acceleration))
    page = replace(page, "folds", folds_table(folds))
    if "--check" in sys.argv[1:]:
        if page != old:
            sys.exit("docs/RESULTS.md is not what its records say\nhint: python3 scripts/results_table.py")
        return
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
