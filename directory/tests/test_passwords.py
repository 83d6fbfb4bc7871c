"""What makes a good password here, and changing one's own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from directory.models import HistoryEntry, Session, User
from directory.tests.people import PASSWORD, last_entry, sign_in

NEW = "quiet harbour mornings"


@pytest.mark.parametrize(
    "password",
    [
        "quiet harbour mornings",
        "fifteen letters",
        "ñandú 漢字 emoji 🐨 blanks ",
        "8512 3390 7741 6624",
        "x" * 20 + " and several other letters " + "y" * 81,
        "the child went to school by boat",
    ],
)
def test_length_is_enough_and_any_character_will_do(password: str) -> None:
    validate_password(password, User(name="Pat Coordinator", email="pat@example.org"))


@pytest.mark.parametrize(
    "password",
    [
        "fourteen chars",
        "x1 " * 43,
        "passwordpassword",
        "Password123456789",
        "PermanencyTracker2026!",
        "Permanency-Support-Program",
        "dcj nsw government",
        "CommunitiesAndJustice1",
        "patcoordinator99",
        "Pat.Coordinator@example.org",
        "Coordinator Pat 2026",
        "aaaaaaaaaaaaaaaaaaaa",
        "121212121212121212",
        "------------------",
        "qwertyuiopasdfghjkl",
        "Welcome Welcome 1!",
    ],
)
def test_what_anybody_would_try_first_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(name="Pat Coordinator", email="pat@example.org"))


def test_argon2id_comes_first_outside_the_tests(settings: LazySettings) -> None:
    ask = (
        "import django; django.setup();"
        "from django.contrib.auth.hashers import make_password; print(make_password('x' * 20))"
    )
    environment = {
        **{k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "permanency.settings",
        "VAR_DIR": str(settings.VAR_DIR),
        "SECRET_KEY": "a-secret-for-this-test-only-long-enough",
    }
    told = subprocess.run(  # noqa: S603  # our own settings in an interpreter of their own
        [sys.executable, "-c", ask], env=environment, check=True, capture_output=True, text=True
    )
    assert told.stdout.startswith("argon2$argon2id$")


def test_changing_ones_own_password_ends_every_other_session(coordinator: User) -> None:
    here, elsewhere = sign_in(Client(), coordinator), sign_in(Client(), coordinator)
    before = here.session.session_key
    typed = {"current": PASSWORD, "password": NEW, "again": NEW}
    response = here.post(reverse("own-password"), typed, follow=True)
    assert "Your password is changed" in response.text
    coordinator.refresh_from_db()
    assert coordinator.check_password(NEW)
    assert elsewhere.get("/contacts/").status_code == 302
    assert here.get("/contacts/").status_code == 200
    assert here.session.session_key != before
    assert Session.objects.filter(person=coordinator).count() == 1
    assert last_entry().verb == "changed their own password"
    assert last_entry().by == coordinator


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"current": "not my password at all"}, "current"),
        ({"current": ""}, "current"),
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "quiet harbour evenings"}, "again"),
        ({"password": "y" * 1_001, "again": "y" * 1_001}, "password"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_changes(
    client: Client, coordinator: User, change: dict[str, str], field: str
) -> None:
    sign_in(client, coordinator)
    typed = {"current": PASSWORD, "password": NEW, "again": NEW}
    response = client.post(reverse("own-password"), {**typed, **change})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert NEW not in response.text
    coordinator.refresh_from_db()
    assert coordinator.check_password(PASSWORD)
    assert not HistoryEntry.objects.exists()


def test_pasting_is_allowed_and_a_password_manager_is_helped(
    client: Client, coordinator: User
) -> None:
    text = sign_in(client, coordinator).get(reverse("own-password")).text
    assert "onpaste" not in text
    assert text.count('autocomplete="new-password"') == 2
    assert 'autocomplete="current-password"' in text


HASHERS = ["directory.accounts.backends.PasswordHasher"]
NOW = "argon2$argon2id$v=19$m=19456,t=2,p=1$"
BEFORE = "argon2$argon2id$v=19$m=102400,t=2,p=8$"


@pytest.fixture
def hashed_before(coordinator: User, settings: LazySettings) -> User:
    """Return a person whose password was hashed as Django does it by itself."""
    settings.PASSWORD_HASHERS = HASHERS
    coordinator.password = Argon2PasswordHasher().encode(PASSWORD, "a-salt-of-long-ago")
    coordinator.save(update_fields=["password"])
    return coordinator


def test_a_password_is_hashed_with_nineteen_mebibytes(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = HASHERS
    assert make_password(PASSWORD).startswith(NOW)


def test_a_hash_from_before_is_made_anew_as_its_person_signs_in(
    client: Client, hashed_before: User
) -> None:
    assert hashed_before.password.startswith(BEFORE)
    client.post("/accounts/login/", {"login": hashed_before.email, "password": "a wrong password"})
    hashed_before.refresh_from_db()
    assert hashed_before.password.startswith(BEFORE)
    client.post("/accounts/login/", {"login": hashed_before.email, "password": PASSWORD})
    hashed_before.refresh_from_db()
    assert hashed_before.password.startswith(NOW)
    assert client.get("/contacts/").status_code == 200


def test_whoever_proves_themselves_again_with_a_hash_from_before_stays_signed_in(
    client: Client, hashed_before: User
) -> None:
    sign_in(client, hashed_before)
    sent = client.post(
        "/accounts/reauthenticate/", {"password": PASSWORD}, query_params={"next": "/contacts/"}
    )
    assert sent["Location"] == "/contacts/"
    assert client.get("/contacts/").status_code == 200
    hashed_before.refresh_from_db()
    assert hashed_before.password.startswith(NOW)
