"""The first page: the sections of each appointment that a person holds."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from consultations.goal_changes import decisions as goal_changes_decisions
from consultations.models import Consultation, GoalChange
from consultations.workflow import Status
from directory.models import Allocation, Appointment, District, Inbox, Mail, Office, Provider, User
from directory.roles import Role
from directory.tests.people import SINCE, make_district, make_person
from directory.tests.questions import MAX_QUERIES, PageQueries
from permanency.models import CasePlanGoal
from permanency.tests.factories import make_action
from reviews.dashboards.my_work import MyWork
from reviews.tests.cases import TODAY, days_ago, goal_due_in, goals_of, open_child, row_count
from reviews.tests.test_dashboards import waiting_change


def work_of(client: Client, person: User) -> MyWork:
    """Return what stands on a person's first page."""
    client.force_login(person)
    work: MyWork = client.get(reverse("my-work")).context["work"]
    return work


def test_a_coordinator_sees_what_is_pressing_worst_first(
    client: Client, coordinator: User, hunter: District
) -> None:
    late, later = goal_due_in(hunter, coordinator, -40), goal_due_in(hunter, coordinator, -2)
    goal_due_in(hunter, coordinator, 80)
    passed = open_child(hunter, coordinator)
    passed.two_year_on = days_ago(3)
    passed.save(update_fields=["two_year_on"])

    work = work_of(client, coordinator)
    assert work.cases is not None
    assert goals_of(work.cases.reviews) == [late, later]
    assert goals_of(work.cases.two_years) == [passed]
    assert not work.cases.is_mine
    assert work.queue is None
    assert not work.glance


@pytest.mark.parametrize("who", ["coordinator", "mpp"])
def test_each_tile_is_the_length_of_its_list(
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
        for days in (-40, -1, 0, 5, 40):
            goal = goal_due_in(hunter, coordinator, days, **place)
            goal.two_year_on = days_ago(-days)
            goal.save(update_fields=["two_year_on"])

    work = work_of(client, person)
    assert work.cases is not None
    assert work.cases.is_mine
    assert work.cases.tiles[0].number == 2
    assert work.cases.everything[0].number == 4
    for tile in (*work.cases.tiles, *work.cases.everything):
        page = client.get(tile.url).context["page"]
        assert row_count(page) == tile.number, tile.label


def test_my_cases_come_first_where_some_are_allocated_to_me(
    client: Client, coordinator: User, hunter: District, newcastle: Office
) -> None:
    goal_due_in(hunter, coordinator, -40)
    mine = goal_due_in(hunter, coordinator, -2, office=newcastle)
    Allocation.objects.create(person=coordinator, office=newcastle, starts_on=SINCE)

    work = work_of(client, coordinator)
    assert work.cases is not None
    assert goals_of(work.cases.reviews) == [mine]


def test_endorsements_wait_for_those_who_did_not_ask(
    client: Client, coordinator: User, hunter: District
) -> None:
    colleague = make_person("Robin Colleague", Role.COORDINATOR, hunter)
    change = waiting_change(
        open_child(hunter, coordinator), coordinator, Status.PROPOSED, requested_by=coordinator
    )
    waiting_change(open_child(hunter, coordinator), coordinator, Status.DRAFT)

    own, others = work_of(client, coordinator), work_of(client, colleague)
    assert own.cases is not None
    assert own.cases.endorsements == []
    assert others.cases is not None
    assert [row.change for row in others.cases.endorsements] == [change]


def test_drafts_of_goal_changes_stand_where_they_are_finished_those_sent_back_first(
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
        cases = work_of(client, person).cases
        assert cases is not None
        assert [row.change for row in cases.unfinished] == [returned, draft]
        assert [row.waits_for for row in cases.unfinished] == ["Sent back: more asked for", "Draft"]
    text = client.get(reverse("my-work")).content.decode()
    assert "Goal changes sent back and in draft" in text
    elsewhere = work_of(client, stranger).cases
    assert elsewhere is not None
    assert elsewhere.unfinished == []
    assert work_of(client, district_manager).cases is None


def test_a_draft_proposed_again_is_no_longer_sent_back(
    client: Client, coordinator: User, hunter: District
) -> None:
    change = waiting_change(open_child(hunter, coordinator), coordinator, Status.PROPOSED)
    goal_changes_decisions.ask_for_more(
        change, reasons="The child's views.", by=coordinator, on=TODAY
    )
    GoalChange.objects.filter(pk=change.pk).update(status=Status.PROPOSED)

    cases = work_of(client, coordinator).cases
    assert cases is not None
    assert cases.unfinished == []
    assert [row.waits_for for row in cases.endorsements] == ["Endorsement"]


def test_my_actions_and_drafts_are_mine_alone(
    client: Client, coordinator: User, hunter: District
) -> None:
    colleague = make_person("Robin Colleague", Role.COORDINATOR, hunter)
    child = open_child(hunter, coordinator).child
    action = make_action(child, owner=coordinator)
    make_action(child, owner=coordinator, done_on=TODAY)
    draft = Consultation.objects.create(child=child, held_on=TODAY, by=coordinator)

    own, others = work_of(client, coordinator), work_of(client, colleague)
    assert own.cases is not None
    assert (own.cases.actions, own.cases.drafts) == ([action], [draft])
    assert others.cases is not None
    assert (others.cases.actions, others.cases.drafts) == ([], [])


def test_an_approver_sees_how_many_decisions_wait_and_how_long(
    client: Client,
    coordinator: User,
    cfdu: User,
    casework_manager: User,
    dcj_goal: CasePlanGoal,
    provider_goal: CasePlanGoal,
) -> None:
    waiting_change(provider_goal, coordinator, Status.ENDORSED, since=28)
    waiting_change(dcj_goal, coordinator, Status.PROPOSED)

    queue = work_of(client, cfdu).queue
    assert queue is not None
    assert queue.number == 1
    assert "working days" in queue.note
    assert queue.url == reverse("approvals")
    decisions = work_of(client, cfdu).decisions
    assert [row.change.status for row in decisions] == ["endorsed"]
    none = work_of(client, casework_manager)
    assert none.queue is not None
    assert (none.queue.number, none.queue.note) == (0, "")
    assert none.cases is None


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
    assert (work.cases is not None) == (who == "mpp")


def test_a_contract_manager_is_led_to_the_totals(client: Client, contract_manager: User) -> None:
    work = work_of(client, contract_manager)
    assert work.has_totals
    assert (work.cases, work.queue, work.glance) == (None, None, ())
    page = client.get(reverse("my-work")).content.decode()
    assert f'href="{reverse("dashboards")}"' in page


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
def test_the_queue_of_an_approver_is_as_long_as_the_approvals(
    client: Client,
    request: pytest.FixtureRequest,
    coordinator: User,
    dcj_goal: CasePlanGoal,
    provider_goal: CasePlanGoal,
    who: str,
) -> None:
    for goal in (dcj_goal, provider_goal):
        waiting_change(goal, coordinator, Status.ENDORSED)
    queue = work_of(client, request.getfixturevalue(who)).queue
    assert queue is not None
    assert queue.number == client.get(queue.url).context["page"].count == 1


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
    assert work.cases
    assert work.queue
    assert work.glance
    assert work.has_totals
    assert work.directory
    fill(20)
    with PageQueries() as many:
        client.get(reverse("my-work"))
    assert len(few) == len(many) <= MAX_QUERIES
