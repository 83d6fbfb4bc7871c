"""What must hold of the settings that come from the environment before the product starts.

`permanency/settings.py` applies the rules as it is read, so neither web nor worker nor a command
starts on an unsafe value. Django's checks apply them again to the settings in force, so that a
settings module of another name cannot evade them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 10
LONGEST_MAIL_WAIT = 60
LEASE_IN_MAIL_WAITS = 2
SHORTEST_MAIL_WAIT = 30
SHORTEST_GIVING_UP = 3_600
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Settings = Mapping[str, Any]


class SettingsRule(NamedTuple):
    """A rule about settings; the sentence names the setting and says what to do."""

    name: str
    sentence: str
    is_broken: Callable[[Settings], bool]
    holds_in_demo: bool = True


def _is_weak_secret(secret: object) -> bool:
    text = str(secret)
    few = len(set(text)) < FEWEST_CHARACTERS
    return len(text) < SHORTEST_SECRET or few or text.startswith("django-insecure")


def _is_http_elsewhere(settings: Settings) -> bool:
    address = urlsplit(str(settings.get("BASE_URL", "")))
    is_elsewhere = address.hostname not in LOOPBACK
    return bool(address.scheme) and address.scheme != "https" and is_elsewhere


def _is_incomplete_provider(settings: Settings) -> bool:
    address = urlsplit(str(settings.get("OIDC_SERVER_URL", "")))
    if not address.scheme:
        return bool(address.path)
    is_safe = address.scheme == "https" or address.hostname in LOOPBACK
    names = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    return not is_safe or not all(settings.get(name) for name in names)


RULES = (
    SettingsRule(
        "weak_secret",
        "Set SECRET_KEY to a random value of 32 characters or more.",
        lambda settings: _is_weak_secret(settings.get("SECRET_KEY", "")),
    ),
    SettingsRule(
        "weak_fallback_secret",
        "SECRET_KEY_FALLBACKS holds former secrets of 32 characters or more, or nothing.",
        lambda settings: any(map(_is_weak_secret, settings.get("SECRET_KEY_FALLBACKS", ()))),
    ),
    SettingsRule(
        "any_host",
        "ALLOWED_HOSTS names hosts; * would answer to any name.",
        lambda settings: (
            not settings.get("ALLOWED_HOSTS")
            or any("*" in host for host in settings["ALLOWED_HOSTS"])
        ),
    ),
    SettingsRule(
        "no_address",
        "Set BASE_URL to the address that people open, with https.",
        lambda settings: not settings.get("BASE_URL"),
        holds_in_demo=False,
    ),
    SettingsRule(
        "debugging",
        "DEBUG shows case data in error pages; it needs DEMO=1.",
        lambda settings: bool(settings.get("DEBUG")),
        holds_in_demo=False,
    ),
    SettingsRule(
        "plain_http",
        "BASE_URL must be https outside this machine.",
        _is_http_elsewhere,
        holds_in_demo=False,
    ),
    SettingsRule(
        "mail_without_fallback",
        "MAIL_LIVE=1 needs FALLBACK_INBOX, the address for notices that have no inbox.",
        lambda settings: bool(settings.get("MAIL_LIVE")) and not settings.get("FALLBACK_INBOX"),
    ),
    SettingsRule(
        "mail_without_time_out",
        "EMAIL_TIMEOUT must be 1 to 60 seconds: without it a silent mail server holds the worker.",
        lambda settings: not 0 < (settings.get("EMAIL_TIMEOUT") or 0) <= LONGEST_MAIL_WAIT,
    ),
    SettingsRule(
        "short_lease",
        "MAIL_LEASE_SECONDS must be more than twice EMAIL_TIMEOUT: else two workers have one mail.",
        lambda settings: (
            settings.get("MAIL_LEASE_SECONDS", 0)
            <= LEASE_IN_MAIL_WAITS * (settings.get("EMAIL_TIMEOUT") or 0)
        ),
    ),
    SettingsRule(
        "no_mail_waits",
        "MAIL_BACKOFF_SECONDS is a list of seconds, 1 or more.",
        lambda settings: min(settings.get("MAIL_BACKOFF_SECONDS") or [0]) < 1,
    ),
    SettingsRule(
        "hasty_mail",
        "MAIL_BACKOFF_SECONDS and MAIL_GIVE_UP_SECONDS leave a mail server 30 seconds and an hour; "
        "less needs DEMO=1.",
        lambda settings: (
            any(
                0 < wait < SHORTEST_MAIL_WAIT for wait in settings.get("MAIL_BACKOFF_SECONDS") or []
            )
            or settings.get("MAIL_GIVE_UP_SECONDS", 0) < SHORTEST_GIVING_UP
        ),
        holds_in_demo=False,
    ),
    SettingsRule(
        "half_a_provider",
        "OIDC_SERVER_URL is https and comes with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.",
        _is_incomplete_provider,
    ),
    SettingsRule(
        "one_factor",
        "SECOND_FACTOR_REQUIRED can be off only together with DEMO=1.",
        lambda settings: not settings.get("SECOND_FACTOR_REQUIRED", True),
        holds_in_demo=False,
    ),
)


def broken_rules(settings: Settings) -> Iterator[SettingsRule]:
    """Yield the rules that these settings break."""
    is_demo = bool(settings.get("DEMO"))
    return (
        rule for rule in RULES if (rule.holds_in_demo or not is_demo) and rule.is_broken(settings)
    )
