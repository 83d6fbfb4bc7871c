"""The statements that write notices: the same rows as the policy and its words give, told once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from directory.mail import notices
from directory.models import District, Inbox, Notice
from directory.places.services import fallback_inbox
from directory.tests.inboxes import make_inbox
from permanency.models import Action, CasePlanGoal, CourtOrder
from permanency.policy.derivation import Derivation
from permanency.policy.months import day_in_words
from permanency.tests.factories import make_action, make_child, make_goal, make_order
from permanency.tests.policy.test_derivation import REVIEW
from reviews.notices_due import find_due, kinds
from reviews.notices_due.kinds import stage_on

THURSDAY = date(2026, 5, 14)
# From before the first telling of the longest schedule until months after the day.
SPAN = range(-70, 191, 3)
# A notice: matter, kind, threshold, since when it is owed, about which day, page, why.
Told = tuple[str, str, str, date, date | None, str, str]

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]


@pytest.fixture
def inbox(hunter: District) -> Inbox:
    """Return the inbox of Hunter."""
    return make_inbox("Hunter inbox", hunter)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def search(sort: kinds.MatterKind, on: date = THURSDAY) -> find_due.Search:
    return find_due.Search(sort, fallback_inbox(on=THURSDAY), on)


def write(sort: kinds.MatterKind, on: date = THURSDAY) -> int:
    """Write what is owed of a sort, and return how many notices."""
    queries, left = search(sort, on).run()
    assert left == []
    return sum(notices.post_from_query(*each) for each in queries)


def told() -> list[Told]:
    rows = Notice.objects.order_by("pk").values_list(
        "occurrence", "kind", "threshold", "owed_on", "about_on", "path", "why"
    )
    return list(rows)


def reason(on: date) -> dict[str, Any]:
    """Return a stored reason for this day."""
    data = {**REVIEW.as_data(), "on": on.isoformat(), "kept_on": on.isoformat()}
    return Derivation.from_data(data).as_data()


def of_reviews(district: District) -> None:
    for ahead in SPAN:
        day = THURSDAY + days(ahead)
        make_goal(make_child(district), review_due_on=day, review_derivation=reason(day))


def of_two_year_dates(district: District) -> None:
    for ahead in SPAN:
        day = THURSDAY + days(ahead)
        make_goal(make_child(district), two_year_on=day, two_year_derivation=reason(day))


def of_orders(district: District) -> None:
    for ahead in SPAN:
        starts_on = None if ahead % 2 else THURSDAY - days(400 + ahead)
        make_order(make_child(district), expires_on=THURSDAY + days(ahead), starts_on=starts_on)


def of_actions(district: District) -> None:
    for ahead in SPAN:
        agreed_on = THURSDAY - days(300 + ahead)
        make_action(make_child(district), due_on=THURSDAY + days(ahead), agreed_on=agreed_on)


MAKERS = dict(
    zip(kinds.MATTER_KINDS, (of_reviews, of_two_year_dates, of_orders, of_actions), strict=True)
)
each_sort = pytest.mark.parametrize(
    ("sort", "make"), MAKERS.items(), ids=[sort.name for sort in kinds.MATTER_KINDS]
)
Make = Callable[[District], None]


def in_words(row: CasePlanGoal | CourtOrder | Action, sort: kinds.MatterKind) -> str:
    """Return the sentence that says why, as the policy words it."""
    if isinstance(row, CasePlanGoal):
        is_review = sort.day == "review_due_on"
        data = row.review_derivation if is_review else row.two_year_derivation
        return Derivation.from_data(data).in_short()
    if isinstance(row, Action):
        return f"Agreed on {day_in_words(row.agreed_on)}."
    made = f" made on {day_in_words(row.starts_on)}" if row.starts_on else ""
    return f"The short term order{made} expires then."


def expected(sort: kinds.MatterKind, on: date, known: set[Told]) -> Iterator[Told]:
    """Yield what the policy says is owed on a day, beside what the inbox knows already."""
    for row in sort.open_rows().order_by("pk"):
        day = getattr(row, sort.day)
        reached = stage_on(sort.schedule, day, on=on)
        key = sort.matter(row.pk, day)
        if reached is None or any(
            each[0] == key and each[3] >= reached.begins_on for each in known
        ):
            continue
        yield (
            key,
            reached.kind,
            reached.threshold,
            reached.begins_on,
            day,
            reverse(sort.page, args=[row.child_id]),
            in_words(row, sort),
        )


@each_sort
def test_each_night_writes_what_the_policy_says_and_nobody_was_told(
    hunter: District, inbox: Inbox, sort: kinds.MatterKind, make: Make
) -> None:
    make(hunter)
    known: list[Told] = []
    # A first night, the next ones, one after forty dark days, and a clock that goes back.
    for after in (0, 1, 2, 5, 45, 44, 80):
        on = THURSDAY + days(after)
        new = list(expected(sort, on, set(known)))
        assert write(sort, on) == len(new)
        known += new
        assert told() == known
        assert write(sort, on) == 0
    assert len({kind for _, kind, *_ in known}) == len({each.kind for each in sort.schedule.steps})
    assert set(Notice.objects.values_list("inbox", "district", "is_covered", "settled_at")) == {
        (inbox.pk, hunter.pk, False, None)
    }


@each_sort
def test_the_same_is_written_in_many_statements(
    hunter: District,
    inbox: Inbox,
    sort: kinds.MatterKind,
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make(hunter)
    whole = list(expected(sort, THURSDAY, set()))
    monkeypatch.setattr(find_due, "MATTERS_PER_BATCH", 5)
    assert len(search(sort).run()[0]) >= len(whole) / 5
    assert write(sort) == len(whole)
    assert told() == whole


@each_sort
def test_what_was_settled_untold_is_owed_again_and_counted(
    hunter: District, inbox: Inbox, sort: kinds.MatterKind, make: Make
) -> None:
    make(hunter)
    count = write(sort)
    Notice.objects.update(why="Old words.", is_covered=True)
    assert notices.settle(told()[0][0]) == 1
    assert write(sort) == 1
    assert Notice.objects.count() == count
    again = Notice.objects.unsent().get()
    assert (again.occurrence, again.why) == (told()[0][0], told()[0][-1])
    assert again.why != "Old words."


def test_a_sentence_about_another_day_is_not_told(hunter: District, inbox: Inbox) -> None:
    day_before = reason(THURSDAY - days(1))
    make_goal(make_child(hunter), review_due_on=THURSDAY, review_derivation=day_before)
    write(kinds.MATTER_KINDS[0])
    assert Notice.objects.get().why == ""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses such a date")
@pytest.mark.parametrize(
    ("sort", "column"),
    [
        # By their names: the words of a sort hold addresses of memory, other in each process.
        pytest.param(sort, name, id=f"{sort.name}, {name}")
        for sort in kinds.MATTER_KINDS
        for name in (sort.day, sort.since)
        if name
    ],
)
def test_a_row_with_a_date_that_cannot_be_read_is_left_and_named(
    hunter: District, inbox: Inbox, sort: kinds.MatterKind, column: str
) -> None:
    MAKERS[sort](hunter)
    bad = sort.open_rows().get(**{sort.day: THURSDAY - days(1)})
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {bad._meta.db_table} SET {column} = '2026-02-31' WHERE id = %s",  # noqa: S608
            [bad.pk],
        )
    queries, left = search(sort).run()
    assert left == [(f"{sort.name} {bad.pk}", find_due.UNREADABLE)]
    others = sort.open_rows().exclude(pk=bad.pk)
    reached = [stage_on(sort.schedule, getattr(row, sort.day), on=THURSDAY) for row in others]
    assert sum(notices.post_from_query(*each) for each in queries) == len([*filter(None, reached)])
    assert not Notice.objects.filter(child_number=bad.child_id).exists()
