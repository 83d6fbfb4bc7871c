#!/usr/bin/env python3
"""Ask whether a package of the lock files has a known vulnerability; say so where nobody can tell.

A vulnerability fails. Where the list of vulnerabilities cannot be reached, or does not know every
package, the line is "NOT AUDITED" with the reason, never that nothing was found; with
REQUIRE_AUDIT=1 that fails as well.
"""

import json
import os
import shutil
import subprocess
import sys
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 240


class Verdict(Enum):
    """What is known about a lock file."""

    CLEAN = "ok     "
    NOT_AUDITED = "NOT AUDITED:"
    VULNERABLE = "FAILED "


class Finding(NamedTuple):
    """A verdict on one lock file, with what it stands on."""

    verdict: Verdict
    words: str


def ask(command: list[str]) -> tuple[int, Any, str]:
    """Return the status, the JSON answer or None, and the last words of a command."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        return 1, None, type(fault).__name__
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    last = (done.stderr.strip().splitlines() or ["no answer"])[-1]
    return done.returncode, answer, last


def python_packages(lock: str) -> Finding:
    """Return what pip-audit knows about a lock file."""
    base = ["pip-audit", "--format", "json", "--progress-spinner", "off"]
    base += ["--disable-pip", "--require-hashes", "--requirement", lock]
    status, answer, last = ask([*base, "--strict"])
    if status == 0 and answer:
        return Finding(Verdict.CLEAN, f"{lock}: {len(answer['dependencies'])} packages")
    _, found, _ = ask(base)
    packages = (found or {}).get("dependencies", [])
    bad = [f"{each['name']} {each['version']}" for each in packages if each.get("vulns")]
    if bad:
        return Finding(Verdict.VULNERABLE, f"{lock}: known vulnerabilities in {', '.join(bad)}")
    return Finding(Verdict.NOT_AUDITED, f"{lock}: {last}")


def front_end_packages() -> Finding:
    """Return what npm knows about package-lock.json."""
    if not shutil.which("npm"):
        return Finding(Verdict.NOT_AUDITED, "package-lock.json: npm is not installed")
    _, answer, last = ask(["npm", "audit", "--json"])
    counted = (answer or {}).get("metadata", {}).get("vulnerabilities")
    if counted is None:
        said = (answer or {}).get("message") or last
        return Finding(Verdict.NOT_AUDITED, f"package-lock.json: {said}")
    if counted["total"]:
        return Finding(Verdict.VULNERABLE, f"package-lock.json: {counted['total']} vulnerabilities")
    return Finding(Verdict.CLEAN, "package-lock.json")


def main() -> int:
    """Print a line for each lock file; return 1 where one is vulnerable."""
    locks = ("requirements.txt", "requirements-dev.txt")
    findings = [*map(python_packages, locks), front_end_packages()]
    for verdict, words in findings:
        print(verdict.value, words)
    failing = {Verdict.VULNERABLE}
    if os.environ.get("REQUIRE_AUDIT") == "1":
        failing.add(Verdict.NOT_AUDITED)
    return 1 if failing & {verdict for verdict, _ in findings} else 0


if __name__ == "__main__":
    sys.exit(main())
