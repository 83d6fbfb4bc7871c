"""Nothing waits for anybody once a child has died or left the State, until that is taken back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import GoalChange
from consultations.tests.cases import TODAY, change_in, reload_change
from consultations.workflow import Status
from directory.models import District, Notice, User
from permanency.children.services import ChildFields, edit_child
from permanency.models import Child
from permanency.tests.factories import make_action
from reviews import notices_due
from reviews.tests.cases import open_child

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def child(hunter: District, coordinator: User) -> Child:
    """Return a child whose case a provider manages."""
    return open_child(hunter, coordinator, case_managed_by="PSP").child


@pytest.fixture
def change(child: Child, coordinator: User, cfdu: User) -> GoalChange:
    """Return the endorsed change of that child, which waits for the approver."""
    return change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)


def record(child: Child, by: User, **facts: date | None) -> None:
    child.refresh_from_db()
    edit_child(child, changes=cast(ChildFields, facts), version=child.version, by=by, on=TODAY)


def tick(on: date = TODAY) -> None:
    at = notices_due.morning_of(on)

    def now() -> datetime:
        return at

    notices_due.tick(at=at, now=now)


def seen_by(person: User, name: str, **query: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("fact", ["died_on", "left_state_on"])
def test_a_change_waits_no_longer_and_waits_again_when_the_fact_is_taken_back(
    fact: str, child: Child, change: GoalChange, coordinator: User, cfdu: User
) -> None:
    address = reverse("goal-change", args=[change.pk])
    places: list[tuple[User, str, dict[str, str]]] = [
        (cfdu, "approvals", {}),
        (cfdu, "my-work", {}),
        (coordinator, "changes-waiting", {"status": "endorsed"}),
    ]
    for ended in (False, True, False):
        record(child, coordinator, **{fact: YESTERDAY if ended else None})
        for person, name, query in places:
            assert (address in seen_by(person, name, **query)) is not ended, (name, ended)
    assert reload_change(change).status == Status.ENDORSED


def test_a_district_counts_no_change_of_a_case_that_has_ended(
    child: Child, change: GoalChange, coordinator: User, district_manager: User
) -> None:
    client = Client()
    client.force_login(district_manager)

    def waiting() -> list[int]:
        board = client.get(reverse("dashboard", args=[child.district.slug])).context["board"]
        return [tile.number for tile in board["waiting"].tiles]

    assert waiting() == [0, 1]
    record(child, coordinator, died_on=YESTERDAY)
    assert waiting() == [0, 0]
    record(child, coordinator, died_on=None)
    assert waiting() == [0, 1]


def test_the_page_of_the_change_says_that_nothing_is_to_be_decided(
    client: Client, child: Child, change: GoalChange, coordinator: User, cfdu: User
) -> None:
    record(child, coordinator, died_on=YESTERDAY)
    client.force_login(cfdu)
    page = client.get(reverse("goal-change", args=[change.pk])).content.decode()
    assert "Nothing is to be decided, unless that is taken back." in page
    assert "Waits for a CFDU approver" not in page


def test_an_action_is_due_no_longer_and_is_there_again(
    client: Client, child: Child, coordinator: User
) -> None:
    made = make_action(child, what="Visit the aunt", owner=coordinator, due_on=YESTERDAY)
    client.force_login(coordinator)

    def on_child() -> str:
        return client.get(reverse("child", args=[child.pk])).content.decode()

    assert made.what in seen_by(coordinator, "my-work")
    assert "1 day overdue" in on_child()
    record(child, coordinator, died_on=YESTERDAY)
    assert made.what not in seen_by(coordinator, "my-work")
    assert "1 day overdue" not in on_child()
    assert "Nothing is due any more" in on_child()
    record(child, coordinator, died_on=None)
    assert made.what in seen_by(coordinator, "my-work")


def test_notices_that_were_not_sent_are_settled_and_owed_again(
    child: Child, change: GoalChange, coordinator: User, hunter: District
) -> None:
    make_action(child, owner=coordinator, due_on=YESTERDAY)

    def owed() -> set[Any]:
        rows = Notice.objects.unsent().filter(child_number=child.pk)
        return set(rows.values_list("kind", flat=True))

    # In the night, before the digest of the morning is composed.
    at = notices_due.morning_of(TODAY) - timedelta(hours=6)
    notices_due.write_notices(notices_due.RunReport(), at=at)
    before = owed()
    assert {"approval_waiting", "action_overdue"} <= before
    record(child, coordinator, died_on=YESTERDAY)
    notices_due.write_notices(notices_due.RunReport(), at=at)
    assert not owed() & {"approval_waiting", "action_overdue", "endorsement_waiting"}
    record(child, coordinator, died_on=None)
    notices_due.write_notices(notices_due.RunReport(), at=at)
    assert owed() == before


def test_what_was_sent_is_not_sent_again(
    child: Child, change: GoalChange, coordinator: User
) -> None:
    tick()
    sent = Notice.objects.filter(child_number=child.pk).exclude(mail=None).count()
    record(child, coordinator, died_on=YESTERDAY)
    tick()
    record(child, coordinator, died_on=None)
    tick()
    assert Notice.objects.filter(child_number=child.pk).exclude(mail=None).count() == sent
    assert not Notice.objects.unsent().filter(kind="approval_waiting").exists()
