"""Adding, editing and disabling people."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from directory.accounts import services as accounts
from directory.errors import StepNotAllowedError
from directory.models import (
    HistoryEntry,
    Session,
    User,
)
from directory.people import services as people
from directory.roles import Role
from directory.tests.people import last_entry, sign_in

TODAY = date(2026, 5, 14)


def test_a_person_is_added_without_rights(administrator: User) -> None:
    person = people.add_person(
        email="New.Person@Example.org",
        name="New Person",
        password="long enough to keep",
        by=administrator,
        on=TODAY,
    )
    assert person.email == "new.person@example.org"
    assert person.check_password("long enough to keep")
    assert person.appointments_in_force(on=TODAY) == ()
    assert "long enough" not in str(last_entry().after)


def test_two_people_do_not_share_an_address(administrator: User, coordinator: User) -> None:
    with pytest.raises(StepNotAllowedError, match="Somebody else"):
        people.add_person(email=coordinator.email.upper(), name="Twin", by=administrator, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="Somebody else"):
        people.edit_person(
            administrator, email=coordinator.email, name="Twin", by=administrator, on=TODAY
        )


def test_saving_without_a_change_writes_no_history(administrator: User, coordinator: User) -> None:
    people.edit_person(
        coordinator, email=coordinator.email, name=coordinator.name, by=administrator, on=TODAY
    )
    assert not HistoryEntry.objects.exists()


@pytest.mark.parametrize(
    "act",
    [
        lambda person, by: people.disable_person(person, by=by, on=TODAY),
        lambda person, by: accounts.set_password(person, "another long one", by=by, on=TODAY),
    ],
    ids=["disabled", "new password"],
)
def test_every_session_of_the_person_ends_and_no_other(
    act: Callable[[User, User], None], administrator: User, coordinator: User, cfdu: User
) -> None:
    for person in (coordinator, coordinator, cfdu):
        sign_in(Client(), person)
    act(coordinator, administrator)
    assert [session.person for session in Session.objects.all()] == [cfdu]


def test_a_disabled_person_holds_nothing_until_enabled(
    administrator: User, coordinator: User
) -> None:
    people.disable_person(coordinator, by=administrator, on=TODAY)
    assert User.objects.get(pk=coordinator.pk).appointments_in_force(on=TODAY) == ()
    with pytest.raises(StepNotAllowedError, match="already disabled"):
        people.disable_person(coordinator, by=administrator, on=TODAY)
    people.enable_person(coordinator, by=administrator, on=TODAY)
    assert User.objects.get(pk=coordinator.pk).holds({Role.COORDINATOR}, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="not disabled"):
        people.enable_person(coordinator, by=administrator, on=TODAY)


def test_nobody_disables_themselves(administrator: User) -> None:
    with pytest.raises(StepNotAllowedError, match="yourself"):
        people.disable_person(administrator, by=administrator, on=TODAY)
    administrator.refresh_from_db()
    assert administrator.is_active
