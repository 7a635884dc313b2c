"""The sides of the comparison: one process each, asked in turn."""

import contextlib
import json
import signal
import statistics
import subprocess
import tempfile
import time

from environment import HERE, note

OURS = "ambulo"
WARM_UP_SECONDS = 0.5


class SideError(Exception):
    """A side cannot do what it was asked."""


class Side:
    """A process that answers a JSON line with a JSON line."""

    def __init__(self, name, command):
        self.name = name
        self.log = tempfile.TemporaryFile(mode="w+", errors="replace")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.log}
        # In a session of its own: an interrupt at the keyboard is the driver's to handle.
        self.process = subprocess.Popen(command, text=True, start_new_session=True, **pipes)

    def ask(self, op, **fields):
        try:
            self.process.stdin.write(json.dumps({"op": op, **fields}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise SideError(self.obituary())
        reply = json.loads(line)
        if "error" in reply:
            raise SideError(reply["error"])
        return reply

    def obituary(self):
        code = self.process.wait()
        end = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        self.log.seek(0)
        last = self.log.read().strip().splitlines()[-3:]
        return " | ".join([f"its process ended ({end})", *last])

    def alive(self):
        return self.process.poll() is None

    def close(self):
        """Ends the process, which may be in the middle of something after an interrupt."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()


class Sides:
    """Starts each side when it is first needed and keeps it: one process for each side and number of threads."""

    def __init__(self, python, binary):
        self.python = python
        self.binary = binary
        self.running = {}
        self.about = {}

    def start(self, name):
        command = [self.binary] if name == OURS else [self.python, str(HERE / "worker.py"), name]
        return Side(name, command)

    def get(self, name, threads):
        side = self.running.get((name, threads))
        if side is None or not side.alive():
            side = self.running[name, threads] = self.start(name)
        return side

    def discover(self, names):
        """The names that start here; learns their versions."""
        found = []
        for name in names:
            side = self.start(name)
            try:
                self.about[name] = side.ask("hello")
                found.append(name)
            except SideError as error:
                note(f"{name} is left out: {error}")
            finally:
                side.close()
        return found

    def close(self):
        for side in self.running.values():
            side.close()


def prepared(case, sides, trial):
    """The sides that are ready for the case, Ambulo first, each with what it says of it."""
    ready = []
    for name in (OURS, *case["peers"]):
        side = sides.get(name, case["threads"])
        try:
            ready.append((side, side.ask("prepare", trial=trial, **case)))
        except SideError as error:
            note(f"{case['name']}: {name} leaves it out: {error}")
            if name == OURS:
                return []
    ours = ready[0][1]["parameters"]
    for side, facts in ready[1:]:
        theirs = facts["parameters"] + facts["merged"]
        if theirs != ours:
            note(f"{case['name']}: {side.name} has {theirs} parameters, {OURS} has {ours}")
    return ready


def warm_up(side, turn):
    """Runs until caches, pools and compiled code are as they stay; the iterations that fill a turn."""
    count, spent = 1, 0.0
    while True:
        seconds = side.ask("run", iterations=count)["seconds"]
        spent += sum(seconds)
        if spent >= min(WARM_UP_SECONDS, 3 * turn) and count > 1:
            return max(1, round(turn / statistics.median(seconds)))
        count *= 2


def measure(case, sides, rounds, turn, pause, trial):
    """Seconds of all iterations of each side, in turns; `None` when there is nothing to compare.

    Returns a list of (name, facts, seconds), Ambulo first.
    """
    runners = []
    for side, facts in prepared(case, sides, trial):
        try:
            runners.append((side, facts, warm_up(side, turn), []))
        except SideError as error:
            note(f"{case['name']}: {side.name} leaves it out: {error}")
    if len(runners) < 2 or runners[0][0].name != OURS:
        return None
    try:
        for r in range(rounds):
            start = r % len(runners)  # Each round begins with another side.
            for side, _, iterations, seconds in runners[start:] + runners[:start]:
                # Idle threads of the side before spin for some milliseconds and would take a core from this one.
                time.sleep(pause)
                seconds += side.ask("run", iterations=iterations)["seconds"]
    except SideError as error:
        note(f"{case['name']}: {side.name} gave up, and so the case: {error}")
        return None
    return [(side.name, facts, seconds) for side, facts, _, seconds in runners]
