"""The parts of the bench: each a process of our own, in a session of its own, with a log.

Only processes that are recorded here are ever signalled.
"""

from __future__ import annotations

import ctypes
import http.client
import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
INJECTED_FOLDER = Path(__file__).parent / "injected"
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1  # Linux: prctl(2)


def _services() -> Any:
    """Return `.ci/with_services.py`, which knows how to start the servers of a test run."""
    spec = importlib.util.spec_from_file_location(
        "with_services", ROOT / ".ci" / "with_services.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


services = _services()


def wait_for(fact: Callable[[], object], *, seconds: float = 120, why: str = "") -> float:
    """Return how long it took until the fact was true; fail where it does not become so."""
    began = time.monotonic()
    while not fact():
        if time.monotonic() - began > seconds:
            pytest.fail(f"It did not come about in {seconds:.0f} s: {why or fact}")
        time.sleep(0.05)
    return time.monotonic() - began


def _end_with_the_test() -> None:
    """Ask the kernel to kill this process where the test run dies before it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class PartProcess:
    """One process with its children."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(  # noqa: S603  # every word of the command is ours
                command, cwd=ROOT, env=dict(environment), stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=True, preexec_fn=_end_with_the_test,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """Return the process id, which is that of its group as well."""
        return self.process.pid

    def said(self) -> str:
        """Return its log."""
        return self.log.read_text(errors="replace")

    def wait(self, fact: Callable[[], object], *, seconds: float = 120) -> None:
        """Return when the fact is true; fail with the log where the part ends before."""

        def holds() -> object:
            if self.process.poll() is not None:
                pytest.fail(f"It ended by itself:\n{self.said()[-3000:]}")
            return fact()

        wait_for(holds, seconds=seconds, why=str(self.log))

    def children(self) -> list[int]:
        """Return the process ids of its children."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(each) for each in found.split()]

    def signal(self, how: signal.Signals) -> None:
        """Signal the process and all of its children, where it is still there."""
        if self.process.poll() is None:
            os.killpg(self.pid, how)

    def is_stopped(self) -> bool:
        """Say whether it has been stopped."""
        return " (stopped)" in Path(f"/proc/{self.pid}/status").read_text()

    def resume(self) -> None:
        """Let it and its children go on where one of them was stopped."""
        self.signal(signal.SIGCONT)

    def is_running(self) -> bool:
        """Say whether it still runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End it as a loss of power would."""
        self.signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """Ask it to end, and see that it does."""
        if self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()


class Web(PartProcess):
    """A gunicorn."""

    def __init__(self, port: int, environment: Mapping[str, str], log: Path, *words: str) -> None:
        self.port = port
        command = [
            sys.executable, "-m", "gunicorn", "permanency.wsgi", "--no-control-socket",
            "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4",
            "--access-logfile", "-", *words,
        ]  # fmt: skip
        super().__init__(command, environment, log)
        self.wait(self.answers)

    def answers(self) -> bool:
        """Say whether it answers, whatever it says."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/health/")
            return line.getresponse().status in {200, 503}
        except OSError:
            return False
        finally:
            line.close()
