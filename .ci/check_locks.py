#!/usr/bin/env python3
"""Fail where requirements.txt or requirements-dev.txt no longer answers its .in file.

Works without a network: every package that the .in file asks for must stand in the lock file at a
fitting version, and the lock file must not say of any other that the .in file asked for it.
"""

import re
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<rest>(?:.*\n)(?:^ .*\n?)*)", re.M
)


def asked_for(path: Path) -> dict[NormalizedName, Requirement]:
    """Return the requirements that stand in a .in file, by name."""
    lines = (line.partition(" #")[0].strip() for line in path.read_text().splitlines())
    wanted = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    return {canonicalize_name(requirement.name): requirement for requirement in wanted}


def faults(asked: Path, locked: Path) -> list[str]:
    """Return a sentence for each way in which the lock file does not answer the .in file."""
    wanted = asked_for(asked)
    pins = {canonicalize_name(pin["name"]): pin for pin in PIN.finditer(locked.read_text())}
    found = [
        f"{locked.name} has no {requirement} of {asked.name}"
        for name, requirement in wanted.items()
        if name not in pins or not requirement.specifier.contains(pins[name]["version"])
    ]
    found += [
        f"{locked.name} has {name}, which {asked.name} no longer asks for"
        for name, pin in pins.items()
        if re.search(rf"-r {re.escape(asked.name)}$", pin["rest"], re.M) and name not in wanted
    ]
    return found + [
        f"{locked.name}: {name} has no hash" for name in pins if "--hash=" not in pins[name]["rest"]
    ]


def main() -> int:
    """Print what is wrong; return 1 where something is."""
    found = [
        fault
        for name in ("requirements", "requirements-dev")
        for fault in faults(ROOT / f"{name}.in", ROOT / f"{name}.txt")
    ]
    for fault in found:
        print(f"{fault}: make lock")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
