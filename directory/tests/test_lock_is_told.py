"""A lock is told to whoever it is about, once, by the worker, and to nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from directory import clock, tasks
from directory.accounts import mfa
from directory.accounts import services as accounts
from directory.mail.hold import hold_mail, release_mail
from directory.models import Mail, SignInTry, User
from directory.tests.mail_server import MailServer
from directory.tests.people import PASSWORD
from directory.tests.test_guessing import AT_ONCE, at_once, guess
from directory.tests.test_second_factors import give_app

pytestmark = pytest.mark.dialect


def tell() -> int:
    """Return how many the worker tells that a lock has begun, a while later."""
    return accounts.tell_of_locks(on=clock.today(), at=clock.now() + accounts.LOOKED_AT_WITHIN)


def test_whoever_is_locked_out_is_told_once_when_and_what_to_do(coordinator: User) -> None:
    for _ in range(4):
        guess(coordinator.email)
    assert tell() == 0
    for _ in range(3):
        guess(coordinator.email.upper())
    assert (tell(), tell()) == (1, 0)
    mail = Mail.objects.get()
    assert mail.person == coordinator
    assert mail.subject == "Permanency tracker: 5 wrong passwords, and a lock"
    assert re.search(r"the last at \d+:\d\d [ap]m on \d+ \w+ \d{4}\.", mail.body)
    for what in (
        " 5 wrong",
        "of the 5",
        "For 15 minutes",
        "passkey",
        "Forgot your password?",
        "administrator",
    ):
        assert what in mail.body
    assert coordinator.name not in mail.body


def test_an_address_like_the_name_of_an_account_of_codes_stops_nothing(coordinator: User) -> None:
    for address in (f"codes of person {coordinator.pk}@example.org", coordinator.email):
        for _ in range(6):
            guess(address)
    assert tell() == 1
    assert Mail.objects.get().person == coordinator


def test_the_next_lock_is_told_anew(coordinator: User, settings: LazySettings) -> None:
    for _ in range(2):
        for _ in range(6):
            guess(coordinator.email)
        assert tell() == 1
        shift_back(settings.GUESS_WINDOW)
    assert Mail.objects.count() == 2


def test_the_numbers_in_the_mail_are_those_of_the_settings(
    coordinator: User, settings: LazySettings
) -> None:
    settings.GUESSES_PER_ACCOUNT, settings.GUESS_WINDOW = 3, timedelta(minutes=20)
    for _ in range(4):
        guess(coordinator.email)
    assert tell() == 1
    mail = Mail.objects.get()
    assert mail.subject == "Permanency tracker: 3 wrong passwords, and a lock"
    for what in (" 3 wrong", "of the 3", "For 20 minutes"):
        assert what in mail.body


def shift_back(how_long: timedelta) -> None:
    """Let all tries have been made so much earlier."""
    for each in SignInTry.objects.all():
        SignInTry.objects.filter(pk=each.pk).update(at=each.at - how_long)


def test_forty_at_once_begin_one_lock_that_is_told_once_by_two_workers(
    transactional_db: None, coordinator: User
) -> None:
    assert at_once([lambda: guess(coordinator.email)] * AT_ONCE) == [422] * AT_ONCE
    assert SignInTry.objects.filter(begins_lock=True).count() == 1

    class Told:
        status_code = 0

        def __init__(self) -> None:
            self.status_code = tell()

    assert sum(at_once([Told] * 8)) == 1
    assert Mail.objects.count() == 1


def test_who_is_not_there_is_disabled_or_has_no_password_is_not_told_and_leaves_like_rows(
    coordinator: User, cfdu: User, nobody: User
) -> None:
    User.objects.filter(pk=cfdu.pk).update(is_active=False)
    nobody.set_unusable_password()
    nobody.save(update_fields=["password"])
    rows = set()
    for email in (coordinator.email, "who@example.org", cfdu.email, nobody.email):
        for _ in range(6):
            guess(email)
        mine = SignInTry.objects.filter(account=email).order_by("pk")
        rows.add(str(list(mine.values_list("outcome", "begins_lock", "told_at", "path"))))
    assert len(rows) == 1
    assert not Mail.objects.exists(), "nothing is written for somebody before the worker looks"
    assert tell() == 1
    assert Mail.objects.get().person == coordinator
    assert not SignInTry.objects.filter(begins_lock=True, told_at=None).exists()


def test_a_fifth_guess_that_is_right_begins_no_lock(coordinator: User) -> None:
    for _ in range(4):
        guess(coordinator.email)
    assert guess(coordinator.email, PASSWORD).status_code == 302
    assert tell() == 0
    guess(coordinator.email)
    assert tell() == 1


def test_what_is_still_being_looked_at_is_told_later(coordinator: User) -> None:
    for _ in range(5):
        guess(coordinator.email)
    assert accounts.tell_of_locks(on=clock.today(), at=clock.now()) == 0
    assert tell() == 1


def test_a_lock_after_wrong_codes_says_that_the_password_is_known(coordinator: User) -> None:
    give_app(coordinator)
    for _ in range(5):
        mfa.accept_code(coordinator, "000000", at=clock.now(), on=clock.today())
    assert tell() == 1
    mail = Mail.objects.get(part__startswith="lock:")
    assert mail.person == coordinator
    assert mail.subject == "Permanency tracker: 5 wrong codes, and a lock"
    assert "change your password" in mail.body


def test_it_goes_out_with_other_mail_to_people_where_mail_is_live_and_not_held(
    transactional_db: None, coordinator: User, mail_server: MailServer, settings: LazySettings
) -> None:
    settings.MAIL_LIVE = True
    hold_mail("A restored copy", on=clock.today())
    for _ in range(5):
        guess(coordinator.email)
    shift_back(accounts.LOOKED_AT_WITHIN)
    tasks.deliver_to_people()
    assert mail_server.messages == []
    release_mail(on=clock.today())
    tasks.deliver_to_people()
    assert [str(each["To"]) for each in mail_server.messages] == [coordinator.email]


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("a_lock_begins_with_a_wrong_guess", {"begins_lock": True, "outcome": "right"}),
        ("of_tries_only_a_lock_is_told", {"told_at": clock.now(), "outcome": "wrong"}),
    ],
)
def test_the_database_keeps_what_a_lock_is(db: None, name: str, broken: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        SignInTry.objects.create(account="pat@example.org", at=clock.now(), **broken)
