"""Django's list of settings, without the secrets among them."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.management.commands import diffsettings
from django.views.debug import SafeExceptionReporterFilter

SETTING = re.compile(r"^(?P<sign>[+-] )?(?P<name>[A-Z_0-9]+) = ")
IN_ADDRESS = re.compile(r"://[^/@\s]+@")
CLEANSE = SafeExceptionReporterFilter().cleanse_setting


def without_secret(line: str) -> str:
    found = SETTING.match(line)
    value = getattr(settings, found["name"], None) if found else None
    if found and CLEANSE(found["name"], value) != value:
        line = f"{found[0]}{CLEANSE(found['name'], value)!r}"
    return IN_ADDRESS.sub("://********@", line)


class Command(diffsettings.Command):
    def handle(self, **options: Any) -> str:
        return "\n".join(map(without_secret, super().handle(**options).splitlines()))
