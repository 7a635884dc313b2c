"""What a run needs: the peers' Python, Ambulo's binary, and the facts of the machine."""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REQUIREMENTS = HERE / "requirements.txt"


class Failure(Exception):
    """What stops a run, in words for its user."""


def note(text):
    print(f"note: {text}", file=sys.stderr, flush=True)


def progress(text):
    print(text, file=sys.stderr, flush=True)


def interpreter(given):
    """The Python that runs the peers: the one given, or that of an environment made for the purpose."""
    if given:
        found = shutil.which(given)
        if not found:
            raise Failure(f"--python {given}: no such program")
        return found
    folder = ROOT / os.environ.get("AMBULO_PEERS_ENV", "target/peers-venv")
    python = folder / "bin" / "python"
    installed = folder / "requirements.installed"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if python.exists() and installed.exists() and installed.read_text(encoding="utf-8") == wanted:
        return str(python)
    progress(f"making a Python environment in {folder} (several gigabytes, once)")
    if subprocess.run([sys.executable, "-m", "venv", str(folder)], stdout=sys.stderr).returncode:
        raise Failure(f"python3 -m venv failed for {folder}; --python PATH takes a Python that has the peers")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, "--requirement", str(REQUIREMENTS)], stdout=sys.stderr).returncode == 0:
        installed.write_text(wanted, encoding="utf-8")
        return str(python)
    # Some peer has no package for this system: the others may have one. The next run tries again what is missing.
    for requirement in wanted.split():
        if subprocess.run([*pip, requirement], stdout=sys.stderr).returncode:
            note(f"{requirement} could not be installed")
    return str(python)


def build():
    """Builds Ambulo's side and returns the binary."""
    progress("building ambulo-peers")
    command = ["cargo", "build", "--release", "-p", "ambulo-peers", "--message-format", "json-render-diagnostics"]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise Failure("cargo build --release -p ambulo-peers failed")
    messages = map(json.loads, result.stdout.splitlines())
    return next(message["executable"] for message in messages if message.get("executable"))


def machine():
    """Processor, cores that this process may use, and system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cpu": processor(), "cores": cores, "system": f"{platform.system()} {platform.machine()}"}


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"
