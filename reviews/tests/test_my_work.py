"""The first page: the sections of each appointment that a person holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.goal_changes import decisions as goal_changes_decisions
from consultations.models import Consultation, GoalChange
from consultations.workflow import Status
from directory import clock
from directory.models import (
    Allocation,
    Appointment,
    District,
    Draft,
    Inbox,
    Mail,
    Office,
    Provider,
    User,
)
from directory.roles import Role
from directory.tests.people import SINCE, make_district, make_person
from directory.tests.questions import MAX_QUERIES, PageQueries
from permanency.models import CasePlanGoal
from permanency.tests.factories import make_action, make_order
from reviews.dashboards.my_work import MAX_ROWS, MyWork
from reviews.tests.cases import TODAY, days_ago, goal_due_in, open_child, row_count
from reviews.tests.test_dashboards import waiting_change


def work_of(client: Client, person: User) -> MyWork:
    """Return what stands on a person's first page."""
    client.force_login(person)
    work: MyWork = client.get(reverse("my-work")).context["work"]
    return work


def kinds_of(work: MyWork) -> list[str]:
    return [item.kind for item in work.do_next]


def test_a_coordinator_sees_what_is_late_as_one_list_worst_first(
    client: Client, coordinator: User, hunter: District
) -> None:
    late, later = goal_due_in(hunter, coordinator, -40), goal_due_in(hunter, coordinator, -2)
    goal_due_in(hunter, coordinator, 80)
    passed = open_child(hunter, coordinator)
    passed.two_year_on = days_ago(3)
    passed.save(update_fields=["two_year_on"])
    make_action(late.child, owner=coordinator, what="Call the school.", due_on=days_ago(10))

    work = work_of(client, coordinator)
    assert kinds_of(work) == [
        "40 days overdue",
        "My action, 10 days late",
        "Two-year date passed",
        "2 days overdue",
    ]
    assert [item.child for item in work.do_next] == [
        late.child,
        late.child,
        passed.child,
        later.child,
    ]
    assert (work.number, work.more, work.scopes, work.glance) == (4, [], [], ())


def test_each_thing_offers_its_act(
    client: Client, coordinator: User, district_manager: User, hunter: District
) -> None:
    goal = goal_due_in(hunter, coordinator, -2)
    (item,) = work_of(client, coordinator).do_next
    assert [client.get(url).status_code for _, url in item.acts] == [200, 200]
    assert {words for words, _ in item.acts} == {"Record review", "Log"}
    assert str(goal.child_id) in item.acts[0][1]
    assert work_of(client, district_manager).do_next == []


@pytest.mark.parametrize("who", ["coordinator", "mpp"])
def test_one_scope_is_chosen_and_said_and_its_rest_is_in_the_lists(
    client: Client,
    request: pytest.FixtureRequest,
    coordinator: User,
    hunter: District,
    newcastle: Office,
    who: str,
) -> None:
    person = request.getfixturevalue(who)
    Allocation.objects.create(person=person, office=newcastle, starts_on=SINCE)
    for place in ({}, {"office": newcastle}):
        for days in (*range(-20, 0), 5, 40):
            goal = goal_due_in(hunter, coordinator, days, **place)
            goal.two_year_on = days_ago(-days)
            goal.save(update_fields=["two_year_on"])

    mine = work_of(client, person)
    whole = client.get(f"{reverse('my-work')}?scope=all").context["work"]
    assert [scope.is_chosen for scope in mine.scopes] == [True, False]
    assert [scope.is_chosen for scope in whole.scopes] == [False, True]
    assert mine.scopes[0].words == "Mine: 22 children"
    assert mine.scopes[1].words.endswith(": 44 children")
    for work, late in ((mine, 20), (whole, 40)):
        assert work.coming
        assert work.number == 2 * late
        lists = {words.partition(": ")[2]: (words, url) for words, url in work.more}
        for kind, shown in (("reviews overdue", MAX_ROWS), ("two-year dates passed", 5)):
            words, url = lists[kind]
            assert words == f"{late - shown} more: {kind}"
            assert row_count(client.get(url).context["page"]) == late
        assert row_count(client.get(work.coming.reviews_url).context["page"]) == late // 20
        assert work.coming.reviews == late // 20


def test_my_cases_come_first_where_some_are_allocated_to_me(
    client: Client, coordinator: User, hunter: District, newcastle: Office
) -> None:
    goal_due_in(hunter, coordinator, -40)
    mine = goal_due_in(hunter, coordinator, -2, office=newcastle)
    Allocation.objects.create(person=coordinator, office=newcastle, starts_on=SINCE)

    assert [item.child for item in work_of(client, coordinator).do_next] == [mine.child]


def test_due_means_the_next_30_days_by_week(
    client: Client, coordinator: User, hunter: District
) -> None:
    goals = {days: goal_due_in(hunter, coordinator, days) for days in (-1, 0, 30, 31)}
    near = open_child(hunter, coordinator)
    near.two_year_on = days_ago(-30)
    near.save(update_fields=["two_year_on"])

    coming = work_of(client, coordinator).coming
    assert coming is not None
    assert coming.children == [goals[0].child_id, goals[30].child_id, near.child_id]
    assert (coming.reviews, coming.two_years) == (2, 1)
    assert coming.weeks[0].starts_on == TODAY
    assert sum(week.reviews for week in coming.weeks) == 2
    assert coming.strip_total == 3  # the overdue one has no week ahead
    assert len(coming.strip) == len(coming.chart.drawn) == 12
    assert [tile.number for tile in coming.table] == [
        each.column.number for each in coming.chart.drawn
    ]


def test_an_order_that_ends_soon_is_named_until_the_next_is_recorded(
    client: Client, coordinator: User, stranger: User, hunter: District
) -> None:
    child = goal_due_in(hunter, coordinator, 80).child
    order = make_order(child, expires_on=days_ago(-24))
    make_order(goal_due_in(hunter, coordinator, 80).child, expires_on=days_ago(-40))

    (item,) = work_of(client, coordinator).do_next
    assert (item.kind, item.child) == ("Order ends in 24 days", child)
    assert work_of(client, stranger).do_next == []
    make_order(child, starts_on=order.expires_on, expires_on=days_ago(-400))
    assert work_of(client, coordinator).do_next == []


def test_endorsements_wait_for_those_who_did_not_ask(
    client: Client, coordinator: User, hunter: District
) -> None:
    colleague = make_person("Robin Colleague", Role.COORDINATOR, hunter)
    change = waiting_change(
        open_child(hunter, coordinator), coordinator, Status.PROPOSED, requested_by=coordinator
    )
    draft = waiting_change(open_child(hunter, coordinator), coordinator, Status.DRAFT)

    own, others = work_of(client, coordinator), work_of(client, colleague)
    assert kinds_of(own) == ["Draft"]
    assert kinds_of(others) == ["Endorse", "Draft"]
    assert [item.child for item in others.do_next] == [change.child, draft.child]


def test_drafts_of_goal_changes_stand_where_they_are_finished_and_say_which_were_sent_back(
    client: Client,
    coordinator: User,
    mpp: User,
    stranger: User,
    district_manager: User,
    hunter: District,
) -> None:
    draft = waiting_change(
        open_child(hunter, coordinator), coordinator, Status.DRAFT, since=9, requested_by=mpp
    )
    returned = waiting_change(open_child(hunter, coordinator), coordinator, Status.PROPOSED)
    goal_changes_decisions.ask_for_more(
        returned, reasons="The child's views.", by=coordinator, on=TODAY
    )

    for person in (coordinator, mpp):
        things = {item.kind: item.child for item in work_of(client, person).do_next}
        assert things == {"Sent back": returned.child, "Draft": draft.child}
    assert work_of(client, stranger).do_next == []
    assert not work_of(client, district_manager).has_list


def test_a_draft_proposed_again_is_no_longer_sent_back(
    client: Client, coordinator: User, hunter: District
) -> None:
    change = waiting_change(open_child(hunter, coordinator), coordinator, Status.PROPOSED)
    goal_changes_decisions.ask_for_more(
        change, reasons="The child's views.", by=coordinator, on=TODAY
    )
    GoalChange.objects.filter(pk=change.pk).update(status=Status.PROPOSED)

    assert kinds_of(work_of(client, coordinator)) == ["Endorse"]


def test_my_actions_and_drafts_are_mine_alone(
    client: Client, coordinator: User, hunter: District
) -> None:
    colleague = make_person("Robin Colleague", Role.COORDINATOR, hunter)
    child = open_child(hunter, coordinator).child
    action = make_action(child, owner=coordinator, due_on=days_ago(-9))
    make_action(child, owner=coordinator, done_on=TODAY)
    Consultation.objects.create(child=child, held_on=TODAY, by=coordinator)

    own = work_of(client, coordinator).do_next
    assert {item.kind: item.action for item in own} == {"Draft": None, "My action": action}
    assert work_of(client, colleague).do_next == []


def test_words_that_were_not_saved_are_named(client: Client, coordinator: User, mpp: User) -> None:
    Draft.objects.create(
        person=coordinator,
        form=reverse("new-consultation"),
        content={"topic": ["Words"]},
        saved_at=clock.now(),
    )
    assert work_of(client, coordinator).words == 1
    assert f'href="{reverse("my-drafts")}"' in client.get(reverse("my-work")).content.decode()
    assert work_of(client, mpp).words == 0


def test_an_approver_sees_what_to_decide_the_longest_first(
    client: Client,
    coordinator: User,
    cfdu: User,
    casework_manager: User,
    dcj_goal: CasePlanGoal,
    provider_goal: CasePlanGoal,
) -> None:
    waiting_change(provider_goal, coordinator, Status.ENDORSED, since=28)
    waiting_change(dcj_goal, coordinator, Status.PROPOSED)

    work = work_of(client, cfdu)
    (item,) = work.do_next
    assert (item.kind, item.child) == ("Decide", provider_goal.child)
    assert "working days" in item.sentence
    assert (work.number, work.coming) == (1, None)
    none = work_of(client, casework_manager)
    assert (none.do_next, none.number, none.has_list) == ([], 0, True)


@pytest.mark.parametrize("who", ["district_manager", "mpp"])
def test_a_manager_sees_the_district_at_a_glance(
    client: Client,
    request: pytest.FixtureRequest,
    coordinator: User,
    hunter: District,
    who: str,
) -> None:
    for days in (-3, 4, 200):
        goal_due_in(hunter, coordinator, days)
    waiting_change(open_child(hunter, coordinator), coordinator, Status.PROPOSED)
    waiting_change(open_child(hunter, coordinator), coordinator, Status.ENDORSED)

    work = work_of(client, request.getfixturevalue(who))
    assert [tile.number for tile in work.glance] == [1, 1, 0, 0, 5, 1, 1]
    for tile in work.glance:
        assert row_count(client.get(tile.url).context["page"]) == tile.number, tile.label
    assert (work.coming is not None) == (who == "mpp")


def test_a_contract_manager_sees_the_figures_of_their_providers(
    client: Client,
    contract_manager: User,
    coordinator: User,
    hunter: District,
    example_care: Provider,
) -> None:
    goal_due_in(hunter, coordinator, -2, provider=example_care)
    goal_due_in(hunter, coordinator, -2)
    work = work_of(client, contract_manager)
    assert (work.has_totals, work.providers) == (True, [])
    assert "No provider is allocated to you" in client.get(reverse("my-work")).content.decode()

    Allocation.objects.create(person=contract_manager, provider=example_care, starts_on=SINCE)
    work = work_of(client, contract_manager)
    ((name, tiles),) = work.providers
    assert name == example_care.name
    assert [(tile.number, tile.url) for tile in tiles] == [(1, ""), (1, ""), (0, ""), (0, "")]
    assert (work.do_next, work.coming, work.glance) == ([], None, ())


def test_an_administrator_sees_gaps_and_mails_in_trouble(
    client: Client, administrator: User, hunter: District
) -> None:
    inbox = Inbox.objects.create(name="Hunter inbox", address="hunter@example.org")
    Mail.objects.create(
        inbox=inbox, on=TODAY, part="digest", subject="-", body="-", message_id="1", state="parked"
    )
    gaps, trouble = work_of(client, administrator).directory
    assert (gaps.number, trouble.number) == (1, 1)

    District.objects.filter(pk=hunter.pk).update(inbox=inbox)
    assert work_of(client, administrator).directory[0].number == 0


def test_the_tiles_of_the_directory_are_as_long_as_their_lists(
    client: Client, administrator: User, hunter: District
) -> None:
    retired = Inbox.objects.create(
        name="Old inbox", address="old@example.org", retired_on=days_ago(1)
    )
    make_district("Sydney")
    District.objects.filter(pk=hunter.pk).update(inbox=retired)
    for number, state in enumerate(("parked", "undeliverable", "sent")):
        Mail.objects.create(
            inbox=retired,
            on=days_ago(number),
            part="digest",
            subject="-",
            body="-",
            message_id=str(number),
            state=state,
        )
    gaps, trouble = work_of(client, administrator).directory
    assert gaps.number == len(client.get(gaps.url).context["gaps"]) == 2
    assert trouble.number == 2
    listed = client.get(trouble.url).content.decode()
    assert listed.count("Parked") >= 1


@pytest.mark.parametrize("who", ["cfdu", "casework_manager"])
def test_more_decisions_than_are_shown_are_in_the_approvals(
    client: Client,
    request: pytest.FixtureRequest,
    coordinator: User,
    hunter: District,
    example_care: Provider,
    who: str,
) -> None:
    place: dict[str, Any] = {"provider": example_care} if who == "cfdu" else {}
    for _ in range(MAX_ROWS + 2):
        waiting_change(open_child(hunter, coordinator, **place), coordinator, Status.ENDORSED)
    work = work_of(client, request.getfixturevalue(who))
    assert work.more == [("2 more: goal changes to decide", reverse("approvals"))]
    assert work.number == client.get(work.more[0][1]).context["page"].count == MAX_ROWS + 2


def test_a_person_without_an_appointment_is_told_whom_to_ask(
    client: Client, hunter: District
) -> None:
    ended = make_person("Lee Former", Role.COORDINATOR, hunter, until=days_ago(1))
    client.force_login(ended)
    text = client.get(reverse("my-work")).content.decode()
    assert "You hold no appointment at the moment" in text
    assert "Ask an administrator" in text


def test_several_appointments_give_the_sections_of_each_within_twelve_queries(
    client: Client,
    hunter: District,
    newcastle: Office,
    example_care: Provider,
) -> None:
    busy = make_person("Toni Everything", Role.COORDINATOR, hunter)
    for role in (Role.CFDU, Role.DISTRICT_MANAGER, Role.CONTRACT_MANAGER):
        Appointment.objects.create(person=busy, role=role, district=hunter, starts_on=SINCE)
    Appointment.objects.create(person=busy, role=Role.ADMINISTRATOR, starts_on=SINCE)
    Allocation.objects.create(person=busy, office=newcastle, starts_on=SINCE)

    def fill(count: int) -> None:
        for number in range(count):
            goal = goal_due_in(hunter, busy, -number, office=newcastle)
            goal.two_year_on = TODAY
            goal.save(update_fields=["two_year_on"])
            make_action(goal.child, owner=busy)
            Consultation.objects.create(child=goal.child, held_on=TODAY, by=busy)
            waiting_change(open_child(hunter, busy, provider=example_care), busy, Status.PROPOSED)

    fill(1)
    client.force_login(busy)
    with PageQueries() as few:
        page = client.get(reverse("my-work"))
    work = page.context["work"]
    assert {item.kind for item in work.do_next} >= {"Endorse", "Draft"}
    assert work.coming
    assert work.glance
    assert work.has_totals
    assert work.directory
    fill(20)
    with PageQueries() as many:
        client.get(reverse("my-work"))
    assert len(few) == len(many) <= MAX_QUERIES
