#!/usr/bin/env python3
"""Runs the commands of README.md as they stand there, in a copy of what git tracks.

    python3 scripts/run_readme.py DIRECTORY

Every line of every ```sh block is run in order, and the first failure ends it. DIRECTORY must not exist; it
is left behind for a look at what the commands made. The copy shares this checkout's target directory, so nothing is built
twice, and `cargo install` installs into the copy.

Two kinds of lines are left out, and said so: `cargo test`, which CI runs by itself, and those that need the virtual environment
with PyTorch, unless AMBULO_README_PYTORCH=1 (its download is large).
"""

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def commands(markdown):
    for block in re.findall(r"^```sh\n(.*?)^```", markdown, re.M | re.S):
        yield from (line for line in block.splitlines() if line.strip() and not line.startswith("#"))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    copy = Path(sys.argv[1]).absolute()
    copy.mkdir(parents=True)
    # The working tree and not a commit: CI runs on a clean clone, a developer on what is about to be committed.
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True)
    archive = copy / "tree.tar"
    with tarfile.open(archive, "w") as tar:
        for name in files.stdout.split("\0"):
            if name and (ROOT / name).is_file():
                tar.add(ROOT / name, arcname=name)
    with tarfile.open(archive) as tar:
        tar.extractall(copy, filter="data")
    archive.unlink()

    environment = dict(os.environ)
    environment.setdefault("CARGO_TARGET_DIR", str(ROOT / "target"))
    environment["CARGO_INSTALL_ROOT"] = str(copy / "installed")
    environment["PATH"] = f"{copy / 'installed' / 'bin'}:{environment['PATH']}"
    with_pytorch = environment.get("AMBULO_README_PYTORCH") == "1"
    for command in commands((ROOT / "README.md").read_text(encoding="utf-8")):
        if command.startswith("cargo test") or (".venv" in command and not with_pytorch):
            print(f"-- left out: {command}", flush=True)
            continue
        print(f"-- {command}", flush=True)
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=copy, env=environment)
        if done.returncode != 0:
            sys.exit(f"error: exit code {done.returncode} from a command of README.md: {command}")


if __name__ == "__main__":
    main()
