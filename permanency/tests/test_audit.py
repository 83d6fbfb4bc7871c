"""The audit of the lock files never says that nothing was found where nothing was looked at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.once

CLEAN = '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}'
BAD = '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-0000-0001"}]}]}'
# What the tools print: on any call, and where it is asked to be strict.
PIP = """#!/bin/sh
case "$*" in *--strict*) {strict};; *) {plain};; esac
"""
UNREACHED = 'echo "ERROR: a could not be audited" >&2; exit 1'
NPM_CLEAN = '{"metadata": {"vulnerabilities": {"total": 0}}}'
NPM_BAD = '{"metadata": {"vulnerabilities": {"total": 2}}}'
NPM_UNREACHED = '{"message": "request failed", "error": {"summary": ""}}'


def audit(folder: Path, *, strict: str, plain: str, npm: str, **more: str) -> tuple[int, list[str]]:
    """Return the status and the lines of the audit beside tools that answer like this."""
    for name, text in (
        ("pip-audit", PIP.format(strict=strict, plain=plain)),
        ("npm", f"#!/bin/sh\necho '{npm}'\n"),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(0o700)
    done = subprocess.run(  # every word of the command is ours
        [sys.executable, ".ci/audit.py"],
        cwd=settings.BASE_DIR,
        env={"PATH": f"{folder}:{os.environ['PATH']}", **more},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_what_was_audited_and_is_clean_is_ok(tmp_path: Path) -> None:
    said = f"echo '{CLEAN}'"
    status, lines = audit(tmp_path, strict=said, plain=said, npm=NPM_CLEAN)
    assert status == 0
    assert len(lines) == 3
    assert all(line.startswith("ok ") for line in lines)


def test_what_could_not_be_reached_is_not_audited(tmp_path: Path) -> None:
    told = {"strict": UNREACHED, "plain": f"echo '{CLEAN}'", "npm": NPM_UNREACHED}
    status, lines = audit(tmp_path, **told)
    assert status == 0
    assert all(line.startswith("NOT AUDITED:") for line in lines)
    assert "could not be audited" in lines[0]
    assert audit(tmp_path, **told, REQUIRE_AUDIT="1")[0] == 1


@pytest.mark.parametrize("npm", [NPM_CLEAN, NPM_BAD])
def test_a_known_vulnerability_fails(tmp_path: Path, npm: str) -> None:
    bad = BAD if npm == NPM_CLEAN else CLEAN
    said = f"echo '{bad}'; exit {1 if bad == BAD else 0}"
    status, lines = audit(tmp_path, strict=said, plain=said, npm=npm)
    assert status == 1
    assert [line for line in lines if line.startswith("FAILED")]


def test_one_vulnerable_package_fails_though_others_could_not_be_reached(tmp_path: Path) -> None:
    status, lines = audit(tmp_path, strict=UNREACHED, plain=f"echo '{BAD}'", npm=NPM_UNREACHED)
    assert status == 1
    assert "a 1" in lines[0]
