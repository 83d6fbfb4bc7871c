"""What we need of allauth beyond its public interface is still there, and used from one module."""

import inspect
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from directory.accounts import allauth_internals

# Each with the arguments that we call it with.
CALLS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "begin_authentication": (("user",), {}),
    "begin_registration": (("user", "passwordless"), {}),
    "clear_login": (("request",), {}),
    "complete_authentication": (("user", "response"), {}),
    "complete_registration": (("response",), {}),
    "format_hotp_value": (("value",), {}),
    "generate_totp_secret": ((), {}),
    "hotp_value": (("secret", "counter"), {}),
    "logout": (("request",), {"show_message": False}),
    "parse_authentication_response": (("response",), {}),
    "parse_registration_response": (("response",), {}),
    "perform_login": (("request", "login"), {}),
    "perform_password_login": (("request", "credentials", "login"), {}),
    "record_authentication": (("request", "user", "method"), {"reauthenticated": True}),
}


def test_every_part_that_is_used_is_named_here() -> None:
    assert set(CALLS) == set(allauth_internals.__all__)


@pytest.mark.parametrize("name", CALLS)
def test_it_takes_what_we_call_it_with(name: str) -> None:
    positional, named = CALLS[name]
    inspect.signature(getattr(allauth_internals, name)).bind(*positional, **named)


def test_codes_are_those_of_the_standard() -> None:
    """The first values of RFC 4226, appendix D."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    values = [allauth_internals.hotp_value(secret, counter) for counter in range(3)]
    assert [allauth_internals.format_hotp_value(each) for each in values] == [
        "755224",
        "287082",
        "359152",
    ]


def test_nothing_else_reaches_into_allauth() -> None:
    apps = ("directory", "permanency", "consultations", "reviews", "bench")
    files = {path for app in apps for path in (Path(settings.BASE_DIR) / app).rglob("*.py")}
    reaching = {
        path.name
        for path in files
        for line in path.read_text().splitlines()
        if line.startswith(("from allauth", "import allauth")) and ".internal" in line
    }
    assert reaching == {"allauth_internals.py"}
