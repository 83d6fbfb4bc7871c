"""This process has a clock as far from that of the run as a note says, which is read on and on."""

import datetime
import os
import threading
import time
from pathlib import Path
from typing import Any

import time_machine

LOOK_EVERY_SECONDS = 0.1


def follow(note: Path) -> None:
    """Take the time from the note, in this process and in those that are forked from it."""
    offset = _offset(note)
    there = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=offset)
    clock = time_machine.travel(there).start()
    _watch(note, clock, offset)


def _watch(note: Path, clock: Any, offset: float) -> None:
    def watch() -> None:
        nonlocal offset
        while True:
            time.sleep(LOOK_EVERY_SECONDS)
            new = _offset(note)
            if new != offset:
                clock.shift(new - offset)
                offset = new

    def begin() -> None:
        threading.Thread(target=watch, daemon=True).start()

    os.register_at_fork(after_in_child=begin)
    begin()


def _offset(note: Path) -> float:
    return float(note.read_text())
