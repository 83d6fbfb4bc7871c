"""What the tick writes down as owed: each matter once, at the stage it has reached."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consultations.goal_changes.transitions import endorsed_case_fields
from consultations.models import Consultation, GoalChange
from consultations.workflow import Status
from directory.mail import notices
from directory.models import District, Inbox, Notice, TickRun, User
from directory.places.services import fallback_inbox
from directory.roles import CaseManagement
from directory.tests.inboxes import make_inbox, notice_kinds
from directory.tests.people import make_district
from permanency import matters
from permanency.models import Action, CasePlanGoal, Child, CourtOrder
from permanency.policy.goals import Goal
from permanency.tests.factories import make_action, make_child, make_goal, make_order
from reviews import notices_due
from reviews.notices_due import find_due
from reviews.notices_due import kinds as notices_due_kinds

THURSDAY = date(2026, 5, 14)
NOW = datetime(2026, 5, 14, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.dialect]


def tick(on: date) -> TickRun:
    at = notices_due.morning_of(on)
    return notices_due.tick(at=at, now=lambda: max(at, NOW))


def days(count: int) -> timedelta:
    return timedelta(days=count)


@pytest.fixture(autouse=True)
def fallback(db: None) -> None:
    """Have the inbox of those who have none, as the published list brings it: no act, no history.

    A tick that adds it writes the first entry of a history, whose head goes out with the next.
    """
    Inbox.objects.get_or_create(is_fallback=True, defaults={"name": "Fallback inbox"})


@pytest.fixture
def inbox(hunter: District) -> Inbox:
    """Return the inbox of Hunter."""
    return make_inbox("Hunter inbox", hunter)


@pytest.fixture
def goal(hunter: District, inbox: Inbox) -> CasePlanGoal:
    """Return a goal in Hunter whose review falls due on Thursday."""
    return make_goal(make_child(hunter), review_due_on=THURSDAY)


def test_each_stage_of_a_review_is_told_once_as_the_days_go_by(goal: CasePlanGoal) -> None:
    for day in range(-40, 20):
        tick(THURSDAY + days(day))
    assert notice_kinds() == [
        ("review_coming", "30"),
        ("review_coming", "14"),
        ("review_due", "0"),
        ("review_overdue", "week-1"),
        ("review_overdue", "week-2"),
        ("review_overdue", "week-3"),
    ]


def test_a_notice_carries_reference_kind_date_and_path_and_the_day_it_was_owed(
    goal: CasePlanGoal, inbox: Inbox
) -> None:
    tick(THURSDAY + days(9))
    notice = Notice.objects.get()
    assert notice.inbox == inbox
    assert notice.district == goal.child.district
    assert notice.reference == goal.child.reference
    assert notice.child_number == goal.child.pk
    assert notice.about_on == THURSDAY
    assert notice.owed_on == THURSDAY + days(8)
    assert notice.occurrence == matters.review(goal.pk, THURSDAY)
    assert notice.path == f"/children/{goal.child.pk}/reviews/"


def test_forty_dark_days_give_one_notice_for_a_matter(goal: CasePlanGoal) -> None:
    tick(THURSDAY - days(20))
    tick(THURSDAY + days(20))
    assert notice_kinds() == [("review_coming", "30"), ("review_overdue", "week-3")]


def test_the_first_load_tells_only_the_nearest_stage(goal: CasePlanGoal) -> None:
    tick(THURSDAY - days(3))
    assert notice_kinds() == [("review_coming", "14")]


@pytest.mark.parametrize("day", [-30, -14, -3, 0, 1, 9, 100])
def test_a_second_tick_writes_no_notice(goal: CasePlanGoal, day: int) -> None:
    first, second = tick(THURSDAY + days(day)), tick(THURSDAY + days(day))
    assert first.counts["review"] == 1
    assert "review" not in second.counts
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("day", [-29, -10, 1, 3, 9])
def test_a_clock_that_goes_back_does_not_tell_again(goal: CasePlanGoal, day: int) -> None:
    tick(THURSDAY + days(day))
    for back in (1, 2, 20):
        tick(THURSDAY + days(day - back))
    assert Notice.objects.count() == 1


def test_a_new_due_date_is_a_new_matter(goal: CasePlanGoal) -> None:
    tick(THURSDAY)
    CasePlanGoal.objects.update(review_due_on=THURSDAY + days(180))
    tick(THURSDAY + days(1))
    assert Notice.objects.count() == 1
    tick(THURSDAY + days(150))
    assert notice_kinds() == [("review_due", "0"), ("review_coming", "30")]


def test_the_two_year_date_is_told_before_it_and_monthly_after_it(
    hunter: District, inbox: Inbox
) -> None:
    make_goal(make_child(hunter), two_year_on=THURSDAY)
    for day in range(-185, 70, 5):
        tick(THURSDAY + days(day))
    assert notice_kinds() == [
        ("two_year_coming", "180"),
        ("two_year_coming", "90"),
        ("two_year_coming", "30"),
        ("two_year_passed", "month-1"),
        ("two_year_passed", "month-2"),
        ("two_year_passed", "month-3"),
    ]


def test_a_short_term_order_is_told_before_it_expires(hunter: District, inbox: Inbox) -> None:
    order = make_order(make_child(hunter), expires_on=THURSDAY)
    for day in range(-185, 30, 5):
        tick(THURSDAY + days(day))
    assert notice_kinds() == [
        ("order_expiring", "180"),
        ("order_expiring", "90"),
        ("order_expiring", "30"),
    ]
    assert set(Notice.objects.values_list("occurrence", flat=True)) == {
        matters.order(order.pk, THURSDAY)
    }


@pytest.mark.parametrize(
    "fields",
    [{"kind": "long_term"}, {"kind": "interim"}, {"ended_on": THURSDAY}, {"expires_on": None}],
)
def test_other_orders_are_not_told(hunter: District, inbox: Inbox, fields: dict[str, Any]) -> None:
    make_order(make_child(hunter), **{"expires_on": THURSDAY + days(10), **fields})
    tick(THURSDAY)
    assert notice_kinds() == []


def test_an_action_past_its_day_is_told_weekly_until_it_is_done(
    hunter: District, inbox: Inbox
) -> None:
    action = make_action(make_child(hunter), due_on=THURSDAY)
    for day in range(10):
        tick(THURSDAY + days(day))
    assert notice_kinds() == [("action_overdue", "week-1"), ("action_overdue", "week-2")]
    action.done_on = THURSDAY + days(10)
    action.save()
    tick(THURSDAY + days(20))
    assert Notice.objects.count() == 2


def test_a_goal_that_ended_or_has_no_date_owes_nothing(hunter: District, inbox: Inbox) -> None:
    make_goal(make_child(hunter))
    make_goal(
        make_child(hunter),
        review_due_on=THURSDAY,
        two_year_on=THURSDAY,
        ended_on=THURSDAY,
        end_reason="achieved",
    )
    tick(THURSDAY)
    assert notice_kinds() == []


@pytest.mark.parametrize(
    ("fields", "owed"),
    [
        ({"born_on": date(2008, 5, 14)}, False),
        ({"born_on": date(2008, 5, 15)}, True),
        ({"died_on": THURSDAY}, False),
        ({"died_on": THURSDAY + days(1)}, True),
        ({"left_state_on": THURSDAY}, False),
        ({"left_state_on": THURSDAY + days(1)}, True),
    ],
)
def test_nothing_is_owed_for_who_is_18_has_died_or_has_left(
    hunter: District, inbox: Inbox, fields: dict[str, Any], owed: bool
) -> None:
    child = make_child(hunter, **fields)
    make_goal(child, review_due_on=THURSDAY, two_year_on=THURSDAY)
    make_order(child, expires_on=THURSDAY)
    make_action(child, due_on=THURSDAY - days(2))
    tick(THURSDAY)
    assert Notice.objects.count() == (4 if owed else 0)


def test_a_district_without_an_inbox_is_told_by_the_fallback_and_is_a_gap(
    hunter: District,
) -> None:
    make_goal(make_child(hunter), review_due_on=THURSDAY)
    tick(THURSDAY)
    assert notice_kinds() == [("review_due", "0"), ("directory_gap", "2026-05")]
    assert {notice.inbox for notice in Notice.objects.all()} == {fallback_inbox(on=THURSDAY)}


def test_a_gap_is_told_once_a_month_until_it_is_closed(hunter: District) -> None:
    for day in range(0, 40, 4):
        tick(THURSDAY + days(day))
    assert notice_kinds() == [("directory_gap", "2026-05"), ("directory_gap", "2026-06")]
    make_inbox("Hunter inbox", hunter)
    tick(THURSDAY + days(60))
    assert Notice.objects.count() == 2


def test_a_gap_closed_before_anybody_was_told_is_settled(hunter: District) -> None:
    saturday = THURSDAY + days(2)
    tick(saturday)
    make_inbox("Hunter inbox", hunter)
    tick(saturday)
    assert not Notice.objects.unsent().exists()


def test_a_child_who_moves_is_told_to_the_new_inbox(goal: CasePlanGoal, inbox: Inbox) -> None:
    sydney = make_inbox("Sydney inbox", make_district("Sydney"))
    tick(THURSDAY)
    Child.objects.update(district=make_district("Sydney"))
    tick(THURSDAY)
    assert [notice.inbox for notice in Notice.objects.order_by("pk")] == [inbox, sydney]


SATURDAY = date(2026, 5, 16)


def test_what_an_inbox_was_not_yet_told_goes_with_the_child_to_the_new_one(
    goal: CasePlanGoal, inbox: Inbox
) -> None:
    sydney = make_inbox("Sydney inbox", make_district("Sydney"))
    tick(SATURDAY)
    Child.objects.update(district=make_district("Sydney"))
    run = tick(SATURDAY)
    assert run.counts == {"redirected": 1}
    notice = Notice.objects.get()
    assert (notice.inbox, notice.district, notice.mail) == (sydney, make_district("Sydney"), None)


def test_within_one_inbox_only_the_district_changes(goal: CasePlanGoal, inbox: Inbox) -> None:
    coast = make_district("Central Coast")
    District.objects.filter(pk=coast.pk).update(inbox=inbox)
    tick(SATURDAY)
    Child.objects.update(district=coast)
    tick(SATURDAY)
    notice = Notice.objects.get()
    assert (notice.inbox, notice.district) == (inbox, coast)


def test_a_district_that_gets_an_inbox_takes_what_the_fallback_was_not_yet_told(
    hunter: District,
) -> None:
    make_goal(make_child(hunter), review_due_on=THURSDAY)
    tick(SATURDAY)
    inbox = make_inbox("Hunter inbox", hunter)
    tick(SATURDAY)
    assert Notice.objects.unsent().get().inbox == inbox


def test_a_child_who_comes_back_is_not_told_twice_to_one_inbox(
    goal: CasePlanGoal, inbox: Inbox
) -> None:
    sydney = make_inbox("Sydney inbox", make_district("Sydney"))
    hunter = goal.child.district
    tick(THURSDAY)
    Child.objects.update(district=make_district("Sydney"))
    # Six o'clock: the ledger is written, and no mail is composed yet.
    six = datetime(2026, 5, 13, 20, 0, tzinfo=UTC)
    notices_due.tick(at=six, now=lambda: NOW)
    assert Notice.objects.unsent().get().inbox == sydney
    Child.objects.update(district=hunter)
    notices_due.tick(at=six, now=lambda: NOW)
    assert not Notice.objects.unsent().exists()


def test_each_district_has_its_own_day(hunter: District, inbox: Inbox) -> None:
    far_west = make_district("Far West")
    District.objects.filter(pk=far_west.pk).update(
        inbox=make_inbox("Far West inbox"), time_zone="Australia/Broken_Hill"
    )
    for district in (hunter, far_west):
        make_goal(make_child(district), review_due_on=THURSDAY)
        make_goal(make_child(district), review_due_on=THURSDAY - days(1))
    # A quarter past midnight in Sydney is a quarter to midnight, the day before, in Broken Hill.
    at = datetime(2026, 5, 13, 14, 15, tzinfo=UTC)
    notices_due.tick(at=at, now=lambda: NOW)
    found = set(Notice.objects.values_list("district__name", "kind", "about_on"))
    assert found == {
        ("Hunter", "review_due", THURSDAY),
        ("Hunter", "review_overdue", THURSDAY - days(1)),
        ("Far West", "review_coming", THURSDAY),
        ("Far West", "review_due", THURSDAY - days(1)),
    }


def test_the_goal_of_who_turns_18_ends_with_that_reason_and_earlier_misses_stay(
    goal: CasePlanGoal,
) -> None:
    tick(THURSDAY + days(1))
    Child.objects.update(born_on=date(2008, 5, 20))
    tick(date(2026, 5, 19))
    assert CasePlanGoal.objects.in_force().exists()
    run = tick(date(2026, 5, 20))
    goal.refresh_from_db()
    assert (goal.ended_on, goal.end_reason) == (date(2026, 5, 20), "turned_18")
    assert run.counts == {"goals ended at 18": 1}
    assert Notice.objects.count() == 1


# Changes that wait


@pytest.fixture
def change(hunter: District, inbox: Inbox, coordinator: User) -> GoalChange:
    """Return a change that has been proposed since Thursday."""
    child = make_child(hunter)
    consultation = Consultation.objects.create(
        child=child, held_on=THURSDAY, by=coordinator, recorded_on=None
    )
    return GoalChange.objects.create(
        child=child,
        consultation=consultation,
        goal=Goal.GUARDIANSHIP,
        reasons="",
        status=Status.PROPOSED,
        status_since_on=THURSDAY,
        requested_by_name="Someone",
        recorded_by=coordinator,
    )


def post_the_fact(change: GoalChange) -> None:
    notices.post(
        Notice.Kind.ENDORSEMENT_WAITING,
        matters.change(change.pk, change.status, change.version),
        district=change.child.district,
        path="/goal-changes/1/",
        owed_on=change.status_since_on,
        child_number=change.child.pk,
    )


def test_a_change_is_told_again_weekly_once_it_is_past_its_soft_target(
    change: GoalChange,
) -> None:
    post_the_fact(change)
    # The tenth working day after Thursday the 14th is Thursday the 28th.
    for day in range(30):
        tick(THURSDAY + days(day))
    kinds = [("endorsement_waiting", each) for each in ("", "week-2", "week-3", "week-4")]
    assert notice_kinds() == kinds
    assert list(Notice.objects.order_by("pk").values_list("owed_on", flat=True)) == [
        THURSDAY + days(day) for day in (0, 14, 21, 28)
    ]


def test_a_change_within_its_soft_target_is_not_told_again(change: GoalChange) -> None:
    post_the_fact(change)
    tick(THURSDAY + days(14))
    assert Notice.objects.count() == 1


def test_an_endorsed_change_waits_for_approval(change: GoalChange, coordinator: User) -> None:
    bound = endorsed_case_fields(change.child)
    GoalChange.objects.update(status=Status.ENDORSED, endorsed_by=coordinator, **bound)
    tick(THURSDAY + days(20))
    assert notice_kinds() == [("approval_waiting", "week-2")]


@pytest.mark.parametrize("status", [Status.DRAFT, Status.WITHDRAWN, Status.DECLINED])
def test_a_change_that_waits_for_nobody_is_not_told(change: GoalChange, status: Status) -> None:
    GoalChange.objects.update(status=status)
    tick(THURSDAY + days(60))
    assert notice_kinds() == []


# What goes wrong, and how much it costs


def test_a_row_that_no_rule_can_count_from_is_parked_and_the_others_are_done(
    goal: CasePlanGoal,
) -> None:
    bad = make_goal(make_child(goal.child.district), two_year_on=date(1850, 1, 1))
    run = tick(THURSDAY)
    assert run.problems == [
        {
            "matter": matters.two_year(bad.pk, date(1850, 1, 1)),
            "reason": "The year must be between 1900 and 2200.",
        }
    ]
    assert notice_kinds() == [("review_due", "0")]
    assert run.ended_at is not None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses such a date")
def test_a_row_that_cannot_be_read_is_parked_and_the_others_are_done(
    goal: CasePlanGoal,
) -> None:
    bad = make_goal(make_child(goal.child.district), review_due_on=THURSDAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE permanency_caseplangoal SET review_due_on = '2026-02-31' WHERE id = %s",
            [bad.pk],
        )
    run = tick(THURSDAY)
    assert [problem["matter"] for problem in run.problems] == [f"review {bad.pk}"]
    assert notice_kinds() == [("review_due", "0")]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses such a date")
def test_a_child_whose_goal_cannot_be_ended_at_18_keeps_no_other_waiting(
    goal: CasePlanGoal,
) -> None:
    first = make_goal(make_child(goal.child.district))
    Child.objects.update(born_on=date(2008, 5, 20))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE permanency_caseplangoal SET effective_on = '2026-02-31' WHERE id = %s",
            [goal.pk],
        )
    run = tick(date(2026, 5, 20))
    first.refresh_from_db()
    assert first.end_reason == "turned_18"
    assert run.counts == {"goals ended at 18": 1}
    assert run.problems == [{"matter": f"goal of child {goal.child_id}", "reason": "ValueError"}]

    CasePlanGoal.objects.filter(pk=goal.pk).update(effective_on=THURSDAY - days(90))
    run = tick(date(2026, 5, 20))
    assert (run.counts["goals ended at 18"], run.problems) == (1, [])


def test_the_number_of_queries_does_not_grow_with_the_number_of_children(
    hunter: District, inbox: Inbox
) -> None:
    def queries(work: Callable[[], object]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            work()
        return len(captured)

    def add(count: int) -> None:
        for _ in range(count):
            child = make_child(hunter)
            make_goal(child, review_due_on=THURSDAY, two_year_on=THURSDAY)
            make_action(child, due_on=THURSDAY - days(1))

    add(1)
    few = queries(lambda: tick(THURSDAY))
    quiet = queries(lambda: tick(THURSDAY))
    Notice.objects.all().delete()
    add(60)
    assert queries(lambda: tick(THURSDAY + days(7))) <= few
    assert queries(lambda: tick(THURSDAY + days(7))) == quiet
    assert Notice.objects.count() == 61 * 3


def fill(district: District, *, rows: int, on: date) -> None:
    """Fill the tables with matters of other days, so that the database has a reason to choose."""
    numbers = range(rows)
    children = Child.objects.bulk_create(
        Child(
            childstory_id=f"F{number:06}",
            first_name="Robin",
            last_name="Example",
            born_on=date(2015, 3, 2),
            case_managed_by=CaseManagement.DCJ,
            district=district,
        )
        for number in numbers
    )
    later = [on + days(400 + number) for number in numbers]
    CasePlanGoal.objects.bulk_create(
        CasePlanGoal(
            child=child,
            goal=Goal.RESTORATION,
            effective_on=on,
            source=CasePlanGoal.Source.OPENED_IN_FORCE,
            review_due_on=day,
            two_year_on=day,
        )
        for child, day in zip(children, later, strict=True)
    )
    CourtOrder.objects.bulk_create(
        CourtOrder(child=child, kind=CourtOrder.Kind.SHORT_TERM, expires_on=day)
        for child, day in zip(children, later, strict=True)
    )
    Action.objects.bulk_create(
        Action(child=child, what="Meet", who="Jo", due_on=day, agreed_on=on)
        for child, day in zip(children, later, strict=True)
    )


def test_what_is_due_is_found_by_the_index_of_the_stored_date(hunter: District) -> None:
    fill(hunter, rows=1_500, on=THURSDAY)
    child = make_child(hunter)
    make_goal(child, review_due_on=THURSDAY, two_year_on=THURSDAY)
    make_order(child, expires_on=THURSDAY)
    make_action(child, due_on=THURSDAY - days(1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for sort, index in zip(
            notices_due_kinds.MATTER_KINDS,
            ("goal_review_due", "goal_two_year", "court_order_expiring", "action_open"),
            strict=True,
        ):
            search = find_due.Search(sort, fallback_inbox(on=THURSDAY), THURSDAY)
            assert index in search.open_by_day().explain()
            ((query, values),), _ = search.run()
            explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
            cursor.execute(explain + query, values)
            plan = str(cursor.fetchall())
            assert index in plan


def test_a_quiet_tick_writes_nothing_but_that_it_ran(goal: CasePlanGoal) -> None:
    tick(THURSDAY)
    with CaptureQueriesContext(connection) as captured:
        tick(THURSDAY)
    written = [query["sql"] for query in captured if query["sql"].startswith(("INSERT", "UPDATE"))]
    assert all("directory_tickrun" in sql or "is_covered" in sql for sql in written), written
