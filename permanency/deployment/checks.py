"""Django's checks of the settings in force: each rule of safety that is broken is an error."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from permanency.deployment.settings_rules import broken_rules


@register(Tags.security)
def unsafe_settings(**_: Any) -> list[CheckMessage]:
    """Return an error for each setting that is not safe."""
    in_force = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    return [Error(rule.sentence, id=f"permanency.{rule.name}") for rule in broken_rules(in_force)]
