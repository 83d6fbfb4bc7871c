"""Whatever a service writes about a child, the history tells: which child, who, under which right.

Every service that opens a transaction is called here, and what it wrote is compared row by row. A
new one makes this test red until it is called. Negative control: `test_a_silent_write_is_found`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from django.db import transaction
from django.db.transaction import Atomic

import consultations
import permanency
import reviews
from consultations.goal_changes import decisions
from consultations.goal_changes import services as changes
from consultations.models import GoalChange
from consultations.records import services as records_services
from consultations.records.services import content_of
from consultations.tests.cases import TODAY, change_in, consult, content, draft_change, open_goal
from consultations.workflow import Status
from directory.audit.verify import verify
from directory.models import District, HistoryEntry, User
from directory.roles import Role
from directory.tests.people import make_district, make_person
from permanency.access import services as restrictions
from permanency.care import services as care
from permanency.children import services as register
from permanency.goals import intensive, lifecycle, two_years
from permanency.imports import services as imports
from permanency.models import Action, Child
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.policy.rules import VERSION_1
from permanency.rules import apply as rules_apply
from permanency.rules import services as rules
from reviews.handover.open_work import open_work
from reviews.handover.reassign import reassign_work
from reviews.held import corrections
from reviews.held.corrections import correct, correct_date
from reviews.held.services import ReviewContent, hold, record_not_held
from reviews.tests.cases import days_ago
from reviews.tests.history_watch import ActLog, paths_to_child, watch_acts


class Life:
    """One child's whole life in the register, told by every service in turn."""

    def __init__(self, people: dict[str, User], hunter: District) -> None:
        self.people, self.hunter = people, hunter
        self.pc: dict[str, Any] = {"by": people["pc"], "on": TODAY}
        self.other: dict[str, Any] = {"by": people["other"], "on": TODAY}
        self.approver: dict[str, Any] = {"by": people["approver"], "on": TODAY}

    def child(self, number: str, **facts: Any) -> Child:
        """Return a new child with a goal in force."""
        told = {
            "childstory_id": number,
            "first_name": "Robin",
            "last_name": "Example",
            "born_on": TODAY - timedelta(days=3_700),
            "aboriginal_status": "neither",
            "case_managed_by": "PSP",
            "district": self.hunter,
            **facts,
        }
        entered_on = TODAY - timedelta(days=500)
        child = register.register_in_care(entered_care_on=entered_on, **told, **self.pc)
        open_goal(child)
        return child

    def of_the_register(self) -> None:
        """Tell care, orders, marks, actions, an edit and a restriction."""
        child = self.child("A1")
        episode = child.care_episodes.get()
        care.correct_episode(
            episode,
            entered_on=TODAY - timedelta(days=501),
            left_on=None,
            exit_reason="",
            reasons="The file says so.",
            **self.pc,
        )
        order = care.record_order(child, kind="short_term", starts_on=TODAY, **self.pc)
        care.correct_order(order, expires_on=add_months(TODAY, 6), **self.pc)
        goal = child.goals.get()
        goal = intensive.mark_intensive(goal, reasons="Slow.", **self.pc)
        goal = intensive.unmark_intensive(goal, reasons="Better.", **self.pc)
        intensive.correct_mark(goal.marks.get(), None, why="Another child.", **self.pc)
        extension = two_years.record_extension(
            goal,
            extended_to=add_months(TODAY, 12),
            decided_on=TODAY,
            decided_by_name="Executive",
            reasons="Time.",
            **self.pc,
        )
        child.refresh_from_db()
        facts = register.ChildFields(caseworker="Jo", born_on=TODAY - timedelta(days=3_600))
        register.edit_child(child, changes=facts, version=child.version, **self.pc)
        two_years.correct_extension(extension, None, why="Never decided.", **self.pc)
        lifecycle.record_outcome(goal, moved_home_on=TODAY, achieved_on=TODAY, **self.pc)
        goal = lifecycle.correct_achievement(goal, achieved_on=None, why="No order.", **self.pc)
        lifecycle.record_achievement(goal, achieved_on=TODAY, **self.pc)
        self._restrict(self.child("A2"))

    def _restrict(self, child: Child) -> None:
        restrictions.restrict(child, reasons="A threat.", **self.pc)
        naming = restrictions.name_person(
            child, self.people["other"], reasons="Holds reviews.", **self.pc
        )
        lead: dict[str, Any] = {"by": self.people["lead"], "on": TODAY}
        restrictions.name_from_list(child, self.people["approver"], reasons="Approves.", **lead)
        restrictions.remove_named_person(naming, reasons="On leave.", **self.pc)
        restrictions.lift_restriction(child, reasons="The threat is over.", **self.pc)

    def of_reviews(self) -> None:
        """Tell reviews held, not held and corrected, and the actions agreed at one."""
        child = self.child("B1")
        goal = child.goals.get()
        mistaken = record_not_held(goal, reasons="Ill.", planned_on=TODAY, **self.pc)
        corrections.strike(mistaken, reasons="Another child.", version=1, **self.pc)
        said = ReviewContent(progress="at_risk", progress_reasons="The move is hard.")
        agreed = [AgreedAction("Ring the aunt", "Pat", TODAY, is_mine=True)]
        review = hold(
            goal, held_on=TODAY, outcome="intensive", content=said, actions=agreed, **self.pc
        )
        correct(review, replace(said, barriers="Distance."), version=1, **self.pc)
        correct_date(review, held_on=days_ago(1), reasons="A slip.", version=2, **self.pc)
        corrections.correct_goal(
            child.goals.get(),
            corrections.Anchors(goal=child.goals.get().goal, effective_on=days_ago(500)),
            reasons="The case plan says so.",
            version=1,
            **self.pc,
        )
        action = review.actions.get()
        care.finish_action(action, **self.pc)
        care.reopen_action(action, **self.pc)

    def by_an_owner_who_does_not_write(self) -> None:
        """Let the approver do the action that is theirs."""
        care.finish_action(Action.objects.get(child__childstory_id="B1"), **self.approver)

    def of_a_leaver(self) -> None:
        """Give the action agreed at the review, and a draft, from one Coordinator to the other."""
        pc, other = self.people["pc"], self.people["other"]
        records_services.save_draft(self.child("F1"), typed={}, answers={}, **self.pc)
        (share,) = open_work(pc, on=TODAY).shares
        chosen = frozenset(piece.key for piece in share.pieces)
        assert len(chosen) == 2
        reassign_work(pc, {share.key: (other, chosen)}, by=self.people["administrator"], on=TODAY)

    def of_consultations(self) -> None:
        """Tell a draft, a consultation, and a change through every step of the workflow."""
        child = self.child("C1")
        draft = records_services.save_draft(child, typed={"q": "W"}, answers={}, **self.pc)
        whole = content(actions=(AgreedAction("Ring the aunt", "Pat", TODAY),))
        held = records_services.record(child, whole, draft=draft, version=draft.version, **self.pc)
        corrected = replace(content_of(held), question="What is best?")
        held = records_services.correct(held, corrected, version=held.version, **self.pc)
        proposal = changes.Proposal(
            goal=Goal.GUARDIANSHIP, reasons="An aunt.", requested_by=self.people["lead"]
        )
        change = changes.save_change(None, held, proposal, proposes=True, version=1, **self.pc)
        decisions.ask_for_more(change, reasons="More.", **self.pc)
        change = GoalChange.objects.get(pk=change.pk)
        proposal["reasons"] = "Two of them."
        changes.edit(change, version=change.version, **proposal, **self.pc)
        decisions.propose(change, **self.pc)
        decisions.not_endorse(change, reasons="Not yet.", **self.pc)
        change = changes.start_again(change, **self.pc).goal_change
        decisions.propose(change, **self.pc)
        decisions.endorse(change, **self.other)
        decisions.approve(change, effective_on=TODAY, **self.approver)
        changes.record_dates(change, case_plan_approved_on=TODAY, **self.approver)
        changes.record_dates(change, entered_in_childstory_on=TODAY, **self.pc)

    def of_a_change_in_one_step(self) -> None:
        """Tell a consultation that is recorded with the change that it recommends."""
        proposal = changes.Proposal(
            goal=Goal.GUARDIANSHIP, reasons="An aunt.", requested_by=self.people["lead"]
        )
        records_services.record_and_propose(self.child("C2"), content(), proposal, **self.pc)

    def of_changes_that_end_otherwise(self) -> None:
        """Tell a change that is withdrawn, one declined, and one that a move makes void."""
        both = {"coordinator": self.people["pc"], "approver": self.people["approver"]}
        child = self.child("D1")
        decisions.withdraw(
            draft_change(consult(child, self.people["pc"]), self.people["pc"]),
            reasons="No.",
            **self.pc,
        )
        mistaken = child.consultations.get()
        records_services.strike(mistaken, reasons="Another child.", version=1, **self.pc)
        change_in(Status.DECLINED, self.child("D2"), **both)
        moved = self.child("D3")
        change_in(Status.ENDORSED, moved, **both)
        moved.refresh_from_db()
        away = register.ChildFields(district=make_district("Sydney"))
        register.edit_child(moved, changes=away, version=moved.version, **self.pc)

    def of_imports_and_the_clock(self) -> None:
        """Tell an import of a new child and a changed one, and a goal that ends at 18."""
        child = self.child("E1")
        facts = register.ChildFields(
            childstory_id="E2",
            first_name="Kim",
            last_name="Example",
            born_on=add_months(TODAY, -18 * 12 + 1),
            case_managed_by="DCJ",
            district=self.hunter,
        )
        restoration = imports.GoalToOpen(goal="restoration", effective_on=TODAY)
        new = imports.ChildToWrite(child=None, facts=facts, entered_care_on=TODAY, goal=restoration)
        same = imports.ChildToWrite(child=child, facts=register.ChildFields(case_managed_by="DCJ"))
        imports.write_children([new, same], by=None, on=TODAY)
        lifecycle.end_goals_of_adults(on=add_months(TODAY, 2))

    def of_new_rules(self) -> None:
        """Tell drafts, one withdrawn and one published, and the day on which that takes effect."""
        lead: dict[str, Any] = {"by": self.people["lead"], "on": TODAY}
        content = {**VERSION_1.as_data(), "clock_months": 18}
        new = rules.NewRules(content, add_months(TODAY, 1), "A direction", "recount")
        rules.withdraw(rules.draft(new, **lead), **lead)
        second = make_person("Second Lead", Role.PRACTICE_MANAGER)
        rules.publish(rules.draft(new, **lead), by=second, on=TODAY)
        self.child("G1")
        assert rules_apply.apply_due_rules(on=add_months(TODAY, 1))["two_year_on"]


@pytest.fixture
def told(
    coordinator: User,
    second_coordinator: User,
    cfdu: User,
    mpp: User,
    administrator: User,
    hunter: District,
) -> ActLog:
    """Return what was done, and what was written without a word."""
    people = {"pc": coordinator, "other": second_coordinator, "approver": cfdu, "lead": mpp}
    life = Life(people | {"administrator": administrator}, hunter)
    with watch_acts() as seen:
        life.of_the_register()
        life.of_consultations()
        life.of_a_change_in_one_step()
        life.of_changes_that_end_otherwise()
        life.of_imports_and_the_clock()
        life.of_reviews()
        life.of_a_leaver()
        life.of_new_rules()
    Action.objects.update(owner=cfdu)
    with watch_acts() as last:
        life.by_an_owner_who_does_not_write()
    seen.faults += last.faults
    return seen


# Rooms that write nothing about a child by a service of their own.
# Whoever imports `wsgi` is the web process from then on, and sees no child outside a request.
NO_SERVICES = ("demo", "management", "migrations", "notices_due", "tests", "wsgi")
# These only read: the transaction holds the cursor on the database's side.
READERS = {"permanency.rules.apply._doubtful_goals", "permanency.rules.preview.what_if"}


def services() -> set[str]:
    """Return every service that opens a transaction."""
    roots: list[ModuleType] = [permanency, consultations, reviews]
    found = set()
    for root in roots:
        for each in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if each.name.split(".")[1] in NO_SERVICES:
                continue
            module = importlib.import_module(each.name)
            for name, act in vars(module).items():
                is_ours = inspect.isfunction(act) and act.__module__ == each.name
                if is_ours and _is_atomic(act):
                    found.add(f"{each.name}.{name}")
    return found


def _is_atomic(act: Any) -> bool:
    return any(isinstance(cell.cell_contents, Atomic) for cell in act.__closure__ or ())


def test_every_write_about_a_child_is_told_with_its_number_and_appointment(told: ActLog) -> None:
    assert told.faults == []
    written = {model._meta.label for model in paths_to_child()}
    assert written - told.written == set()
    assert verify().faults == []
    assert services() - READERS - told.acts == set(), "A service is left out of the life told here."


def test_a_silent_write_is_found(coordinator: User, hunter: District) -> None:
    life = Life({"pc": coordinator, "other": coordinator, "approver": coordinator}, hunter)
    child = life.child("Z1")
    with watch_acts() as seen, transaction.atomic():
        Child.objects.filter(pk=child.pk).update(caseworker="Nobody knows")
    (fault,) = seen.faults
    assert f"told nothing of child {child.pk}" in fault
    with watch_acts() as seen, transaction.atomic():
        Child.objects.filter(pk=child.pk).update(caseworker="Somebody else")
        HistoryEntry.objects.filter(child_number=child.pk + 1).update(note="")
    assert len(seen.faults) == 1
