"""Guessing a password is hopeless, and harms nobody else.

Negative control: `test_without_taking_a_guess_first_all_forty_are_evaluated` switches the count off
that comes before the evaluation, and all forty are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.backends import ModelBackend
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client, RequestFactory
from django.urls import reverse

from directory import clock, tasks
from directory.accounts import backends, mfa, services
from directory.accounts.forms import NO_MATCH
from directory.models import AskedReset, HistoryEntry, SignInTry, User
from directory.tests.people import PASSWORD, last_entry, sign_in
from directory.tests.test_second_factors import give_app, give_passkey
from directory.web.request import client_address

pytestmark = pytest.mark.dialect

URL = "/accounts/login/"
WRONG = "not the password at all"
AT_ONCE = 40
Evaluated = list[str]


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> Evaluated:
    """Return the addresses whose password was compared; the comparison itself is the real one."""
    seen: Evaluated = []
    compare = ModelBackend.authenticate

    def watched(self: ModelBackend, request: Any, username: Any = None, **rest: Any) -> Any:
        seen.append(username)
        return compare(self, request, username=username, **rest)

    monkeypatch.setattr(ModelBackend, "authenticate", watched)
    return seen


def guess(email: str, password: str = WRONG, address: str = "203.0.113.7") -> Any:
    """Return the answer to one try, from a browser of its own at this address."""
    return Client(REMOTE_ADDR=address).post(URL, {"login": email, "password": password})


def at_once(tries: Iterable[Callable[[], Any]]) -> list[int]:
    """Return the statuses of many tries made at the same time."""

    def one(each: Callable[[], Any]) -> int:
        try:
            return int(each().status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, tries))


def test_the_fifth_wrong_guess_is_the_last_that_is_evaluated(
    coordinator: User, evaluated: Evaluated
) -> None:
    for _ in range(5):
        guess(coordinator.email)
    assert len(evaluated) == 5
    assert guess(coordinator.email, PASSWORD).status_code == 422
    assert len(evaluated) == 5


def test_neither_case_nor_blanks_nor_forty_addresses_give_more_guesses(
    coordinator: User, evaluated: Evaluated
) -> None:
    for number in range(AT_ONCE):
        shapes = (coordinator.email, coordinator.email.upper(), f" {coordinator.email} ")
        guess(shapes[number % 3], address=f"203.0.113.{number}")
    assert len(evaluated) == 5


@pytest.mark.parametrize(
    "spelled",
    [
        "\N{LATIN SMALL LETTER DOTLESS I}s.it@example.org",
        "i\N{LATIN SMALL LETTER LONG S}.it@example.org",
    ],
)
def test_an_address_spelled_with_odd_letters_is_nobodys(coordinator: User, spelled: str) -> None:
    """To PostgreSQL, which compares capitals, it would be the person's, with guesses of its own."""
    User.objects.filter(pk=coordinator.pk).update(email="is.it@example.org")
    assert guess(spelled, PASSWORD).status_code == 422
    now = clock.now()
    services.request_reset(spelled, network_address=None, at=now)
    assert services.send_reset_links(on=clock.today(), at=now) == 0
    assert guess("IS.IT@example.org ", PASSWORD).status_code == 302


def test_the_database_holds_addresses_in_one_form(coordinator: User) -> None:
    with pytest.raises(IntegrityError, match="small_letters"), transaction.atomic():
        User.objects.filter(pk=coordinator.pk).update(email="Pat@example.org")


@pytest.mark.django_db(transaction=True)
def test_of_forty_at_once_from_forty_addresses_five_are_evaluated(
    coordinator: User, evaluated: Evaluated
) -> None:
    tries = [
        lambda n=n: guess(coordinator.email, address=f"198.51.100.{n}") for n in range(AT_ONCE)
    ]
    assert at_once(tries) == [422] * AT_ONCE
    assert len(evaluated) == 5


@pytest.mark.django_db(transaction=True)
def test_of_eighty_four_at_once_in_seven_spellings_five_are_evaluated(
    coordinator: User, evaluated: Evaluated
) -> None:
    email = coordinator.email
    name, _, host = email.partition("@")
    spellings = (
        email,
        email.upper(),
        email.title(),
        f"{name.upper()}@{host}",
        f"{name}@{host.upper()}",
        f"  {email}",
        f"{email}\t",
    )
    assert len(set(spellings)) == 7
    tries = [lambda n=n: guess(spellings[n % 7], address=f"198.51.100.{n}") for n in range(12 * 7)]
    assert at_once(tries) == [422] * len(tries)
    assert len(evaluated) == 5


@pytest.mark.django_db(transaction=True)
def test_of_forty_unknown_accounts_at_once_from_one_address_as_many_are_looked_at_as_may_be(
    settings: LazySettings, evaluated: Evaluated
) -> None:
    settings.GUESSES_PER_ADDRESS = 12
    tries = [lambda n=n: guess(f"person{n}@example.org") for n in range(AT_ONCE)]
    assert at_once(tries) == [422] * AT_ONCE
    assert len(evaluated) == 12


@pytest.mark.django_db(transaction=True)
def test_of_forty_wrong_codes_at_once_five_are_looked_at(
    coordinator: User, settings: LazySettings
) -> None:
    give_app(coordinator)
    at, on = clock.now(), clock.today()

    def one(_: int) -> bool:
        try:
            return mfa.accept_code(coordinator, "000000", at=at, on=on) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(one, number) for number in range(AT_ONCE)]
    looked_at = [each for each in answers if each.exception() is None]
    assert len(looked_at) == settings.GUESSES_PER_ACCOUNT
    assert not any(each.result() for each in looked_at)
    assert {type(each.exception()) for each in answers} == {type(None), mfa.TooManyWrongCodesError}


@pytest.mark.django_db(transaction=True)
def test_of_forty_links_asked_for_at_once_three_are_answered(
    coordinator: User, settings: LazySettings
) -> None:
    def ask() -> Any:
        return Client().post(reverse("forgot-password"), {"login": coordinator.email.upper()})

    assert at_once([ask] * AT_ONCE) == [302] * AT_ONCE
    assert AskedReset.objects.count() == settings.RESETS_PER_ACCOUNT


@pytest.mark.django_db(transaction=True)
def test_without_taking_a_guess_first_all_forty_are_evaluated(
    coordinator: User, evaluated: Evaluated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backends, "reserve_guess", lambda account, **about: SignInTry(pk=0))
    tries = [lambda: guess(coordinator.email) for _ in range(AT_ONCE)]
    assert at_once(tries) == [422] * AT_ONCE
    assert len(evaluated) == AT_ONCE


# Minutes ago at which the newest guesses were looked at, and for how many minutes more they lock.
LOCKS = [
    ((0, 0, 0, 0, 0), 15),
    ((3, 4, 5, 6, 17), 12),
    ((3, 4, 5, 6, 18), None),
    ((0, 0, 0, 0), None),
    ((14, 14, 14, 14, 28, 28), 1),
]


@pytest.mark.parametrize(("ago", "locked_for"), LOCKS)
def test_a_lock_lasts_a_quarter_of_an_hour_from_the_last_of_five(
    ago: tuple[int, ...], locked_for: int | None
) -> None:
    now = clock.now()
    end = backends.lock_end([now - timedelta(minutes=each) for each in ago])
    assert end == (None if locked_for is None else now + timedelta(minutes=locked_for))


def test_a_colleague_at_the_same_address_signs_in_meanwhile(coordinator: User, cfdu: User) -> None:
    for _ in range(AT_ONCE):
        guess(coordinator.email)
    assert guess(cfdu.email, PASSWORD).status_code == 302


def test_an_address_that_tries_many_accounts_is_refused_but_not_who_works_there(
    coordinator: User, cfdu: User, settings: LazySettings, evaluated: Evaluated
) -> None:
    settings.GUESSES_PER_ADDRESS = 12
    assert guess(cfdu.email, PASSWORD).status_code == 302
    for number in range(20):
        guess(f"person{number}@example.org")
    assert len(evaluated) == 1 + 12
    assert guess(coordinator.email, PASSWORD).status_code == 422
    assert guess(coordinator.email, PASSWORD, address="203.0.113.99").status_code == 302
    assert guess(cfdu.email, PASSWORD).status_code == 302


def test_the_lock_ends_by_itself_and_a_try_meanwhile_does_not_prolong_it(
    coordinator: User, settings: LazySettings
) -> None:
    for _ in range(5):
        guess(coordinator.email)
    until = backends.locked_until(coordinator, at=clock.now())
    guess(coordinator.email)
    assert until == backends.locked_until(coordinator, at=clock.now())
    SignInTry.objects.update(at=F("at") - settings.GUESS_WINDOW)
    assert backends.locked_until(coordinator, at=clock.now()) is None
    assert guess(coordinator.email, PASSWORD).status_code == 302


def test_signing_in_gives_its_own_guess_back_and_no_other(
    coordinator: User, evaluated: Evaluated
) -> None:
    for _ in range(3):
        guess(coordinator.email)
    for _ in range(3):
        assert guess(coordinator.email, PASSWORD).status_code == 302
    for _ in range(5):
        guess(coordinator.email)
    assert len(evaluated) == 3 + 3 + 2


def test_an_administrator_unlocks_and_the_history_says_so(
    client: Client, coordinator: User, administrator: User
) -> None:
    for _ in range(5):
        guess(coordinator.email)
    sign_in(client, administrator)
    address = reverse("person", args=[coordinator.pk])
    assert "Locked until" in client.get(address).text
    client.post(reverse("unlock-person", args=[coordinator.pk]))
    assert last_entry().verb == "unlocked a person"
    assert "Locked until" not in client.get(address).text
    assert guess(coordinator.email, PASSWORD).status_code == 302


def test_nobody_but_an_administrator_unlocks(client: Client, coordinator: User, mpp: User) -> None:
    sign_in(client, mpp)
    assert client.post(reverse("unlock-person", args=[coordinator.pk])).status_code == 403
    assert not HistoryEntry.objects.exists()


# How long the address is that was typed, and which second it is.
TELL_NOTHING = {"Content-Length", "Expires"}


def test_known_unknown_disabled_and_locked_get_one_and_the_same_answer(
    coordinator: User, cfdu: User, mpp: User
) -> None:
    User.objects.filter(pk=cfdu.pk).update(is_active=False)
    for _ in range(5):
        guess(mpp.email)
    answers = set()
    for email, password in (
        (coordinator.email, WRONG),
        ("who@example.org", WRONG),
        (cfdu.email, PASSWORD),
        (mpp.email, PASSWORD),
    ):
        answer = guess(email, password)
        page = re.sub(r'value="\w{64}"', "", answer.text).replace(email, "")
        headers = {k: v for k, v in answer.headers.items() if k not in TELL_NOTHING}
        answers.add((answer.status_code, page, str(headers)))
    assert len(answers) == 1
    status, page, _ = answers.pop()
    assert status == 422
    assert NO_MATCH in page


def test_a_passkey_signs_in_while_the_password_is_locked(coordinator: User) -> None:
    passkey = give_passkey(coordinator)
    for _ in range(6):
        guess(coordinator.email)
    assert guess(coordinator.email, PASSWORD).status_code == 422, "locked"
    browser = Client()
    asked = browser.get("/accounts/passkey/", secure=True).json()
    answer = browser.post("/accounts/passkey/", {"credential": passkey.used(asked)}, secure=True)
    assert answer["Location"] == reverse("my-work")
    assert browser.get("/contacts/", secure=True).status_code == 200


def test_a_try_is_written_down_without_the_password(coordinator: User) -> None:
    guess(coordinator.email)
    guess("a password typed in the wrong field", PASSWORD)
    guess(coordinator.email, PASSWORD)
    tries = SignInTry.objects.order_by("pk").values_list("account", "network_address", "outcome")
    address = "203.0.113.7"
    assert tries[0] == (coordinator.email, address, "wrong")
    assert tries[1][0].startswith("no address: ")
    assert list(tries[2:]) == [
        (coordinator.email, address, "right"),
        (coordinator.email, address, "signed_in"),
    ]
    rows = str(list(SignInTry.objects.values()))
    for secret in (WRONG, PASSWORD, "typed in the wrong field"):
        assert secret not in rows


def test_what_is_not_looked_at_is_written_down_as_well_and_for_two_years(
    coordinator: User, evaluated: Evaluated
) -> None:
    for _ in range(7):
        guess(coordinator.email)
    assert [each.outcome for each in SignInTry.objects.all()] == ["wrong"] * 5 + ["refused"] * 2
    SignInTry.objects.filter(outcome="refused").update(at=F("at") - tasks.SIGN_IN_LOG_LASTS)
    tasks.clear_ended_sessions()
    assert [each.outcome for each in SignInTry.objects.all()] == ["wrong"] * 5


def test_the_present_password_is_guessed_no_more_often_elsewhere(
    client: Client, coordinator: User, evaluated: Evaluated
) -> None:
    sign_in(client, coordinator)
    typed = {"password": "quiet harbour mornings", "again": "quiet harbour mornings"}
    for _ in range(4):
        client.post(reverse("own-password"), {**typed, "current": WRONG})
        client.post(reverse("account_reauthenticate"), {"password": WRONG})
    assert len(evaluated) == 5


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        ([], "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (["10.0.0.0/8"], "203.0.113.7", "198.51.100.1", "203.0.113.7"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, nonsense", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "10.0.0.9", "10.0.0.9"),
        ([], "", "198.51.100.1", None),
    ],
)
def test_a_forwarding_header_counts_only_from_our_own_proxy(
    settings: LazySettings, proxies: list[str], remote: str, forwarded: str, expected: str | None
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory(REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded).get("/")
    assert client_address(request) == expected


def test_no_sign_of_a_guess_older_than_the_window_counts(
    coordinator: User, settings: LazySettings, evaluated: Evaluated
) -> None:
    for _ in range(4):
        guess(coordinator.email)
    SignInTry.objects.update(at=F("at") - settings.GUESS_WINDOW)
    for _ in range(7):
        guess(coordinator.email)
    assert len(evaluated) == 4 + 5
