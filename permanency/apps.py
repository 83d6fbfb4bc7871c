"""The app of the children, and Django's check of the settings in force."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from permanency.settings_rules import broken_rules


class PermanencyConfig(AppConfig):
    name = "permanency"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(unsafe_settings, Tags.security)


def unsafe_settings(**_: Any) -> list[CheckMessage]:
    in_force = {name: getattr(settings, name) for name in dir(settings) if name.isupper()}
    return [Error(rule.sentence, id=f"permanency.{rule.name}") for rule in broken_rules(in_force)]
