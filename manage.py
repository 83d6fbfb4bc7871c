#!/usr/bin/env python
"""Run administrative commands, for example `manage.py tick`."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    """Hand the command line to Django with this project's settings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanency.settings")

    from directory.database import row_security

    row_security.run_process_as_system()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
