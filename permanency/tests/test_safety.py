"""Each setting that is not safe is named by a rule, at the start and by Django's own checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.core.checks import run_checks
from django.test import Client

from directory.models import User
from directory.web.sessions import SessionStore
from permanency.settings_rules import RULES, broken_rules

SECRET = "k3J9-xq7Lm2Vw8Rt5Yp1Zb6Nc4Hd0Gf-for-a-test"
SAFE: dict[str, Any] = {
    "SECRET_KEY": SECRET,
    "ALLOWED_HOSTS": ["permanency.example.org"],
    "BASE_URL": "https://permanency.example.org",
    "EMAIL_TIMEOUT": 20,
    "MAIL_LEASE_SECONDS": 180,
    "MAIL_BACKOFF_SECONDS": [60, 300],
    "MAIL_GIVE_UP_SECONDS": 86_400,
    "SECOND_FACTOR_REQUIRED": True,
}

UNSAFE: list[tuple[str, dict[str, Any]]] = [
    ("weak_secret", {"SECRET_KEY": SECRET[:31]}),
    ("weak_secret", {"SECRET_KEY": "xyz" * 20}),
    ("weak_secret", {"SECRET_KEY": f"django-insecure-{SECRET}"}),
    ("weak_fallback_secret", {"SECRET_KEY_FALLBACKS": [SECRET, "short"]}),
    ("any_host", {"ALLOWED_HOSTS": []}),
    ("any_host", {"ALLOWED_HOSTS": ["permanency.example.org", "*"]}),
    ("any_host", {"ALLOWED_HOSTS": ["*.example.org"]}),
    ("no_address", {"BASE_URL": ""}),
    ("debugging", {"DEBUG": True}),
    ("plain_http", {"BASE_URL": "http://permanency.example.org"}),
    ("plain_http", {"BASE_URL": "http://localhost.example.org"}),
    ("mail_without_fallback", {"MAIL_LIVE": True, "FALLBACK_INBOX": ""}),
    ("mail_without_time_out", {"EMAIL_TIMEOUT": None}),
    ("mail_without_time_out", {"EMAIL_TIMEOUT": 61}),
    ("short_lease", {"MAIL_LEASE_SECONDS": 40}),
    ("no_mail_waits", {"MAIL_BACKOFF_SECONDS": []}),
    ("no_mail_waits", {"MAIL_BACKOFF_SECONDS": [60, 0]}),
    ("hasty_mail", {"MAIL_BACKOFF_SECONDS": [5]}),
    ("hasty_mail", {"MAIL_GIVE_UP_SECONDS": 60}),
    ("half_a_provider", {"OIDC_SERVER_URL": "https://login.example.org"}),
    ("half_a_provider", {"OIDC_SERVER_URL": "login.example.org"}),
    (
        "half_a_provider",
        {
            "OIDC_SERVER_URL": "http://login.example.org",
            "OIDC_CLIENT_ID": "tracker",
            "OIDC_CLIENT_SECRET": SECRET,
        },
    ),
    ("one_factor", {"SECOND_FACTOR_REQUIRED": False}),
]


def test_safe_settings_break_no_rule() -> None:
    assert list(broken_rules(SAFE)) == []


@pytest.mark.parametrize(("name", "change"), UNSAFE)
def test_an_unsafe_setting_breaks_its_rule_and_no_other(name: str, change: dict[str, Any]) -> None:
    settings = {**SAFE, **change}
    assert [rule.name for rule in broken_rules(settings)] == [name]
    rule = next(rule for rule in RULES if rule.name == name)
    in_demo = [each.name for each in broken_rules({**settings, "DEMO": True})]
    assert in_demo == ([name] if rule.holds_in_demo else [])


def test_each_rule_is_broken_by_an_example() -> None:
    assert {name for name, _ in UNSAFE} == {rule.name for rule in RULES}


def test_the_checks_name_what_a_settings_module_changes_afterwards(settings: LazySettings) -> None:
    assert not [each for each in run_checks(tags=["security"]) if each.is_serious()]
    settings.EMAIL_TIMEOUT = None
    found = [each.id for each in run_checks(tags=["security"]) if each.is_serious()]
    assert found == ["permanency.mail_without_time_out"]


def test_a_new_secret_ends_no_session_while_the_old_one_is_a_fallback(
    client: Client, coordinator: User, settings: LazySettings
) -> None:
    client.force_login(coordinator)
    before, settings.SECRET_KEY = settings.SECRET_KEY, SECRET
    settings.SECRET_KEY_FALLBACKS = [before]
    assert client.get("/contacts/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    client.force_login(coordinator)
    settings.SECRET_KEY = f"another-{SECRET}"
    assert client.get("/contacts/").status_code == 302, "without the fallback it is over"


PRODUCTION = {
    "SECRET_KEY": SECRET,
    "BASE_URL": "https://permanency.example.org",
    "DATABASE_URL": "postgres://permanency:db-pass-word@127.0.0.1/permanency",
    "REDIS_URL": "redis://:redis-pass-word@127.0.0.1:6379/0",
    "EMAIL_URL": "smtp://mailer:mail-pass-word@127.0.0.1:25",
    "SECRET_KEY_FALLBACKS": f"former-{SECRET}",
}


def manage(
    home: Path, environment: dict[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of manage.py in production's settings with these variables."""
    return subprocess.run(  # noqa: S603  # every word of the command is ours
        [sys.executable, "manage.py", *words],
        env={"VAR_DIR": str(home), "PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


READ_SETTINGS = """
import json
from django.conf import settings
from django.contrib.auth.hashers import make_password
from permanency.celery import app
from permanency.settings import database
print(json.dumps({
    "sqlite": database("")["OPTIONS"],
    "postgresql": settings.DATABASES["default"]["OPTIONS"],
    "redis": app.conf.broker_transport_options,
    "eager": app.conf.task_always_eager,
    "accepted": list(app.conf.accept_content),
    "cookies": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE],
    "names": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME],
    "hsts": settings.SECURE_HSTS_SECONDS,
    "sessions": settings.SESSION_ENGINE,
    "apps": settings.INSTALLED_APPS,
    "password": make_password("a long enough password"),
}))
"""


@pytest.mark.once
def test_what_our_own_settings_file_fixes_is_safe(tmp_path: Path) -> None:
    done = manage(tmp_path, PRODUCTION, "shell", "--no-imports", "-c", READ_SETTINGS)
    assert done.returncode == 0, done.stderr
    known = json.loads(done.stdout)
    sqlite, postgresql = known["sqlite"], known["postgresql"]
    assert (sqlite["transaction_mode"], sqlite["timeout"]) == ("IMMEDIATE", 20)
    for pragma in ("foreign_keys=ON", "recursive_triggers=ON"):
        assert f"PRAGMA {pragma};" in sqlite["init_command"]
    assert postgresql["connect_timeout"] == 5
    assert known["redis"]["socket_timeout"] == 5
    assert known["redis"]["socket_connect_timeout"] == 2
    assert not known["eager"], "a task would run inside the request"
    assert known["accepted"] == ["json"], "anything else could carry code"
    assert known["cookies"] == [True, True]
    assert all(name.startswith("__Host-") for name in known["names"])
    assert known["hsts"] == 31_536_000
    assert known["sessions"] == "directory.web.sessions", "where they can be ended"
    assert issubclass(SessionStore, DatabaseSessionStore)
    assert known["password"].startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert "django.contrib.admin" not in known["apps"], "it applies none of the rules"


PROVIDER = {
    "OIDC_SERVER_URL": "https://login.example.org:8443/tenant/v2.0/",
    "OIDC_CLIENT_ID": "tracker",
    "OIDC_CLIENT_SECRET": SECRET,
}
READ_POLICY = """
from csp.middleware import CSPMiddleware
from django.http import HttpResponse
from django.test import RequestFactory
answer = CSPMiddleware(lambda request: HttpResponse())(RequestFactory().get("/"))
print(answer["Content-Security-Policy"])
"""


@pytest.mark.once
@pytest.mark.parametrize(
    ("variables", "where"), [({}, "'self'"), (PROVIDER, "'self' https://login.example.org:8443")]
)
def test_forms_lead_here_and_to_the_agencys_own_sign_in_alone(
    tmp_path: Path, variables: dict[str, str], where: str
) -> None:
    done = manage(tmp_path, {**PRODUCTION, **variables}, "shell", "--no-imports", "-c", READ_POLICY)
    assert done.returncode == 0, done.stderr
    told = [each.strip() for each in done.stdout.split(";")]
    assert [each for each in told if each.startswith("form-action")] == [f"form-action {where}"]


@pytest.mark.once
@pytest.mark.parametrize("how", [["--all"], ["--output", "unified"]])
def test_the_list_of_settings_shows_no_secret(tmp_path: Path, how: list[str]) -> None:
    done = manage(tmp_path, PRODUCTION, "diffsettings", *how)
    assert done.returncode == 0, done.stderr
    assert "EMAIL_TIMEOUT = 20" in done.stdout
    assert SECRET not in done.stdout
    assert "pass-word" not in done.stdout


@pytest.mark.once
def test_secrets_may_come_from_files(tmp_path: Path) -> None:
    in_files = {}
    for name, value in PRODUCTION.items():
        (tmp_path / name).write_text(f"{value}\n")
        in_files[f"{name}_FILE"] = str(tmp_path / name)
    show = ["shell", "--no-imports", "-c"]
    told = "from django.conf import settings as s; print(s.SECRET_KEY, s.EMAIL_HOST_PASSWORD)"
    done = manage(tmp_path, in_files, *show, told)
    assert done.stdout.split() == [SECRET, "mail-pass-word"], done.stderr


@pytest.mark.once
def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    gone = {**PRODUCTION, "SECRET_KEY_FILE": str(tmp_path / "gone")}
    done = manage(tmp_path, gone, "check")
    assert done.returncode != 0
    assert "SECRET_KEY_FILE names a file that cannot be read." in done.stderr
