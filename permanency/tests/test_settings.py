"""Settings that would be unsafe stop the start, with a sentence that names the variable."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from directory.database import limits
from permanency.settings import database

pytestmark = pytest.mark.once

GOOD = {
    "SECRET_KEY": "a-secret-for-this-test-only-long-enough",
    "BASE_URL": "https://permanency.example.org",
}


def start(home: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Read the settings in a new process with these variables; return its status and last line."""
    done = subprocess.run(
        [sys.executable, "-c", "import permanency.settings"],
        cwd=settings.BASE_DIR,
        env={"VAR_DIR": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, (done.stderr.strip().splitlines() or [""])[-1]


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="https"),
        pytest.param({"BASE_URL": "http://127.0.0.1:8000"}, id="http on this machine"),
        pytest.param({"ALLOWED_HOSTS": "one.example.org,two.example.org"}, id="named hosts"),
        pytest.param({"MAIL_LIVE": "1", "FALLBACK_INBOX": "a@example.org"}, id="live mail"),
        pytest.param({"DEMO": "1", "DEBUG": "1"}, id="debugging a demonstration"),
        pytest.param({"DEMO": "1", "BASE_URL": "http://10.0.0.5:8000"}, id="a demonstration"),
    ],
)
def test_safe_settings_start(tmp_path: Path, environment: dict[str, str]) -> None:
    assert start(tmp_path, {**GOOD, **environment}) == (0, "")


def test_a_demonstration_needs_a_secret_and_nothing_else(tmp_path: Path) -> None:
    assert start(tmp_path, {"DEMO": "1", "SECRET_KEY": GOOD["SECRET_KEY"]}) == (0, "")


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        pytest.param({"SECRET_KEY": ""}, "SECRET_KEY", id="no secret"),
        pytest.param({"SECRET_KEY": "x" * 31}, "SECRET_KEY", id="a short secret"),
        pytest.param({"DEMO": "1", "SECRET_KEY": ""}, "SECRET_KEY", id="demonstration, no secret"),
        pytest.param({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS", id="any host"),
        pytest.param({"DEBUG": "1"}, "DEBUG", id="debugging with case data"),
        pytest.param({"BASE_URL": "http://permanency.example.org"}, "BASE_URL", id="http"),
        pytest.param({"BASE_URL": ""}, "BASE_URL", id="an empty address"),
        pytest.param({"MAIL_LIVE": "1"}, "FALLBACK_INBOX", id="live mail without a fallback"),
    ],
)
def test_unsafe_settings_are_refused(
    tmp_path: Path, environment: dict[str, str], variable: str
) -> None:
    status, said = start(tmp_path, {**GOOD, **environment})
    assert status != 0
    assert said.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert variable in said


def test_no_database_and_no_mail_server_is_waited_for_without_end() -> None:
    on_postgresql = database("postgres://permanency@127.0.0.1/permanency")
    assert on_postgresql["CONN_HEALTH_CHECKS"] is True
    assert on_postgresql["OPTIONS"] == {"connect_timeout": 5}, "a pooler refuses more"
    assert limits.LIMITS == {
        "lock_timeout": "5s",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "60s",
    }
    on_sqlite = database("")["OPTIONS"]
    assert (on_sqlite["transaction_mode"], on_sqlite["timeout"]) == ("IMMEDIATE", 20)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        assert pragma in on_sqlite["init_command"]
    assert "recursive_triggers=ON" in on_sqlite["init_command"]
    assert settings.EMAIL_TIMEOUT == 20
    assert settings.MAIL_LEASE_SECONDS == 180


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_what_only_the_environment_can_say_must_be_said(tmp_path: Path, missing: str) -> None:
    left = {name: value for name, value in GOOD.items() if name != missing}
    status, said = start(tmp_path, left)
    assert status != 0
    assert said.startswith(f"django.core.exceptions.ImproperlyConfigured: Set {missing} ")
