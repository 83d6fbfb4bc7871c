"""Makes the process that finds this on its PYTHONPATH fall at an exact point; the product has no
hooks for it.

FAULT_AT names a function of a library, `module:Class.name`, and FAULT_WHEN whether the fall comes
`before`, `after` or on `either` side of it, there with the chance FAULT_CHANCE. The first
FAULT_SKIP calls go well; from then on each call falls, until FAULT_TIMES falls are noted in the
file FAULT_TALLY, which processes share: a line for each, that says before or after. What the
regular expression FAULT_ONCE_FOR finds among the arguments falls once, and is the line then. Where
FAULT_ONLY finds nothing there is no fall. FAULT_HOW is `kill` or `stop`. CLOCK_AHEAD says how far
the clock of the test run is off, in seconds, and FAULT_CLOCK is a file that says how far from there
the clock of a case is; FAULT_CONTROL names a guard to take out: a function of
`controls`, which `MODULES` there leads to.
"""

import fcntl
import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable
from functools import wraps
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import time_machine

Patch = Callable[[ModuleType], None]


class _Then(Loader):
    """Loads a module as it is, and then patches it."""

    def __init__(self, loader: Loader, patch: Patch) -> None:
        self.loader, self.patch = loader, patch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        self.patch(module)


class _Finder(MetaPathFinder):
    """Stands before the import of one module, once."""

    def __init__(self, name: str, patch: Patch) -> None:
        self.name, self.patch = name, patch

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Then(spec.loader, self.patch)
        return spec


def _fall(when: str, arguments: tuple[Any, ...]) -> None:
    """Note one more fall and fall, unless all have happened."""
    if not re.search(os.environ.get("FAULT_ONLY", ""), repr(arguments)):
        return
    pattern = os.environ.get("FAULT_ONCE_FOR", "")
    found = re.search(pattern, repr(arguments)) if pattern else None
    what = found.group() if found else when
    with open(os.environ["FAULT_TALLY"], "a+") as tally:
        fcntl.flock(tally, fcntl.LOCK_EX)
        tally.seek(0)
        fallen = tally.read().splitlines()
        is_over = len(fallen) >= int(os.environ.get("FAULT_TIMES", "1"))
        if is_over or (pattern and (found is None or what in fallen)):
            return
        tally.write(f"{what}\n")
    how = signal.SIGSTOP if os.environ.get("FAULT_HOW") == "stop" else signal.SIGKILL
    os.kill(os.getpid(), how)


def _falling(place: str) -> Patch:
    *owners, name = place.split(".")
    calls, dice = iter(range(10**9)), random.SystemRandom()
    skipped = int(os.environ.get("FAULT_SKIP", "0"))
    wanted = os.environ.get("FAULT_WHEN", "before")

    def patch(module: ModuleType) -> None:
        owner: Any = module
        for each in owners:
            owner = getattr(owner, each)
        original = getattr(owner, name)

        @wraps(original)
        def falls(*args: Any, **kwargs: Any) -> Any:
            when = wanted if next(calls) >= skipped else ""
            if when == "either":
                falls_now = dice.random() < float(os.environ["FAULT_CHANCE"])
                when = dice.choice(["before", "after"]) if falls_now else ""
            if when == "before":
                _fall(when, args)
            result = original(*args, **kwargs)
            if when == "after":
                _fall(when, args)
            return result

        setattr(owner, name, falls)

    return patch


if ahead := os.environ.get("CLOCK_AHEAD"):
    time_machine.travel(time.time() + float(ahead)).start()
if note := os.environ.get("FAULT_CLOCK"):
    import noted_clock  # type: ignore[import-not-found]  # beside this file, on PYTHONPATH

    noted_clock.follow(Path(note))
if place := os.environ.get("FAULT_AT"):
    module, _, function = place.partition(":")
    sys.meta_path.insert(0, _Finder(module, _falling(function)))
if control := os.environ.get("FAULT_CONTROL"):
    import controls  # type: ignore[import-not-found]  # the same

    sys.meta_path.insert(0, _Finder(controls.MODULES[control], getattr(controls, control)))
