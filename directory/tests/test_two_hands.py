"""No administrator becomes somebody else alone: the acts that this takes are left to two of them.

Control: `test_without_the_days_between_one_administrator_does_it_all` switches the rule off.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.accounts import mfa
from directory.accounts import services as accounts
from directory.errors import StepNotAllowedError
from directory.models import Mail, SignInLink, User
from directory.people import services as people
from directory.roles import Role
from directory.tests.people import make_person, sign_in

TODAY = date(2026, 5, 14)
NEW = "quiet harbour mornings"
Act = Callable[[User, User, date], Any]


def change_address(person: User, by: User, on: date) -> None:
    email = f"new-{by.pk}@example.org"
    people.edit_person(person, email=email, name=person.name, by=by, on=on)


def remove_factors(person: User, by: User, on: date) -> None:
    Authenticator.objects.get_or_create(
        user=person, type=Authenticator.Type.TOTP, defaults={"data": {}}
    )
    mfa.remove_all_factors(person, by=by, on=on)


def give_link(person: User, by: User, on: date) -> None:
    accounts.make_link(person, by=by, on=on, at=clock.now())


def give_password(person: User, by: User, on: date) -> None:
    accounts.set_password(person, NEW, by=by, on=on)


NOT_BY_ONE = [
    (change_address, give_link),
    (change_address, give_password),
    (change_address, remove_factors),
    (remove_factors, give_link),
    (remove_factors, give_password),
    (give_link, remove_factors),
    (give_password, remove_factors),
]


@pytest.fixture
def other(db: None) -> User:
    """Return a second administrator."""
    return make_person("Ola Other", Role.ADMINISTRATOR)


@pytest.mark.parametrize(("first", "second"), NOT_BY_ONE)
def test_one_administrator_does_not_do_both_and_another_may(
    coordinator: User, administrator: User, other: User, first: Act, second: Act
) -> None:
    first(coordinator, administrator, TODAY)
    for days in (0, 6):
        with pytest.raises(StepNotAllowedError, match="Another administrator"):
            second(coordinator, administrator, TODAY + timedelta(days=days))
    second(coordinator, other, TODAY)


def test_after_seven_days_it_is_free_again(coordinator: User, administrator: User) -> None:
    change_address(coordinator, administrator, TODAY)
    give_link(coordinator, administrator, TODAY + timedelta(days=7))
    assert SignInLink.objects.filter(ended_at=None).count() == 1


def test_who_did_it_last_counts(coordinator: User, administrator: User, other: User) -> None:
    change_address(coordinator, administrator, TODAY)
    change_address(coordinator, other, TODAY)
    give_link(coordinator, administrator, TODAY)
    with pytest.raises(StepNotAllowedError):
        give_link(coordinator, other, TODAY)


def test_a_new_name_alone_stops_nothing(coordinator: User, administrator: User) -> None:
    people.edit_person(
        coordinator, email=coordinator.email, name="Pat New", by=administrator, on=TODAY
    )
    give_link(coordinator, administrator, TODAY)


def test_without_the_days_between_one_administrator_does_it_all(
    coordinator: User, administrator: User, settings: LazySettings
) -> None:
    settings.SECOND_ADMINISTRATOR_DAYS = 0
    for act in (change_address, remove_factors, give_link, give_password, remove_factors):
        act(coordinator, administrator, TODAY)


def test_the_page_says_why_and_a_post_all_the_same_is_refused(
    client: Client, coordinator: User, administrator: User, other: User
) -> None:
    Authenticator.objects.create(user=coordinator, type=Authenticator.Type.TOTP, data={})
    change_address(coordinator, administrator, clock.today())
    page, send = (reverse(name, args=[coordinator.pk]) for name in ("person", "send-link"))
    both = {"password": NEW, "again": NEW}
    sign_in(client, administrator)
    text = client.get(page).text
    assert text.count("You changed their e-mail address within the last 7 days.") == 2
    for route, sent in (("send-link", {}), ("new-password", both), ("remove-factors", {})):
        address = reverse(route, args=[coordinator.pk])
        assert f'"{address}"' not in text
        assert client.post(address, sent).status_code == 409
    assert not SignInLink.objects.exists()
    assert Authenticator.objects.exists()
    assert not User.objects.get(pk=coordinator.pk).check_password(NEW)
    sign_in(client, other)
    assert f'"{send}"' in client.get(page).text
    assert client.post(send).status_code == 302
    assert SignInLink.objects.count() == 1


def test_nobody_asks_for_a_link_at_an_address_that_was_just_given_to_somebody(
    coordinator: User, administrator: User
) -> None:
    change_address(coordinator, administrator, TODAY)
    Mail.objects.all().delete()
    for on, sent in ((TODAY, 0), (TODAY + timedelta(days=7), 1)):
        email = User.objects.get(pk=coordinator.pk).email
        accounts.request_reset(email, network_address=None, at=clock.now())
        assert accounts.send_reset_links(on=on, at=clock.now()) == sent
        assert Mail.objects.count() == sent


def test_a_link_in_somebodys_hand_dies_with_the_factors(
    coordinator: User, administrator: User, other: User
) -> None:
    give_link(coordinator, administrator, TODAY)
    remove_factors(coordinator, other, TODAY)
    assert not SignInLink.objects.filter(ended_at=None).exists()
