"""Letting the first administrator into an empty installation."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from directory import clock
from directory.management.commands import first_administrator
from directory.models import Mail, User
from directory.roles import EDITS_DIRECTORY
from directory.tests.people import last_entry

LONG = "quiet harbour mornings"


def add(monkeypatch: pytest.MonkeyPatch, *typed: str, **options: str) -> None:
    """Run the command with these passwords typed at its prompts."""
    answers = iter(typed)
    monkeypatch.setattr(first_administrator, "getpass", lambda prompt: next(answers))
    call_command("first_administrator", "first@example.org", "Fay First", **options)


@pytest.mark.django_db
def test_the_first_administrator_can_sign_in_and_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, LONG, LONG)
    person = User.objects.get(email="first@example.org")
    assert person.check_password(LONG)
    assert person.holds(EDITS_DIRECTORY, on=clock.today())


def test_there_is_only_one_first_administrator(
    monkeypatch: pytest.MonkeyPatch, administrator: User
) -> None:
    with pytest.raises(CommandError, match="an administrator already"):
        add(monkeypatch, LONG, LONG)


def test_the_emergency_way_lets_one_in_beside_others_and_says_so(
    monkeypatch: pytest.MonkeyPatch, administrator: User
) -> None:
    add(monkeypatch, LONG, LONG, emergency="The agency's sign-in is away.")
    person, today = User.objects.get(email="first@example.org"), clock.today()
    assert person.holds(EDITS_DIRECTORY, on=today + timedelta(days=6))
    assert not person.holds(EDITS_DIRECTORY, on=today + timedelta(days=7)), "it ends by itself"
    entry = last_entry()
    assert entry.verb == "let an administrator in by the emergency way"
    assert entry.after == {"reasons": "The agency's sign-in is away."}
    mail = Mail.objects.get(inbox__is_fallback=True)
    assert "emergency way" in mail.subject
    assert f"/directory/people/{person.pk}/" in mail.body
    assert "Fay" not in mail.subject + mail.body


def test_the_emergency_way_asks_why(monkeypatch: pytest.MonkeyPatch, administrator: User) -> None:
    with pytest.raises(CommandError, match="Say why"):
        add(monkeypatch, LONG, LONG, emergency="  ")
    assert User.objects.get() == administrator


def test_somebody_elses_address_is_refused(monkeypatch: pytest.MonkeyPatch, nobody: User) -> None:
    nobody.email = "first@example.org"
    nobody.save(update_fields=["email"])
    with pytest.raises(CommandError, match="has this e-mail address"):
        add(monkeypatch, LONG, LONG)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "reason"), [(("short",), "too short"), ((LONG, "other"), "not the same")]
)
def test_a_weak_or_mistyped_password_adds_nobody(
    monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        add(monkeypatch, *typed)
    assert not User.objects.exists()
