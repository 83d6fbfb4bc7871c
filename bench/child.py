"""Takes the figures of one group on one database: `python -m bench.child GROUP SIZE ANSWER`."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path

import django

from directory.database import row_security


def main(group: str, size: str, answer: str) -> None:
    """Measure as the worker would: this process sees every row."""
    django.setup()
    row_security.run_process_as_system()
    figures = import_module(f"bench.{group}").measure(int(size))
    Path(answer).write_text(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
