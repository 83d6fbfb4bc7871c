"""The workflow's table and its rules, as they could be printed for the client."""

from dataclasses import replace
from itertools import product

import pytest
from django.conf import settings

from consultations.tests.cases import DECISION_STEPS
from consultations.workflow import (
    APPROVERS,
    OPEN,
    TRANSITIONS,
    USER_STEPS,
    Status,
    Step,
    StepContext,
    reasons_against,
)
from directory.roles import CaseManagement, Role

PSP, DCJ = CaseManagement.PSP, CaseManagement.DCJ
COORDINATOR = frozenset({Role.COORDINATOR})
CFDU = frozenset({Role.CFDU})
CASEWORK_MANAGER = frozenset({Role.CASEWORK_MANAGER})

# The table of the design, line by line: from, step, to.
LISTED = {
    ("draft", "propose"): "proposed",
    ("proposed", "endorse"): "endorsed",
    ("proposed", "not_endorse"): "not_endorsed",
    ("proposed", "ask_for_more"): "draft",
    ("endorsed", "ask_for_more"): "draft",
    ("endorsed", "void"): "proposed",
    ("endorsed", "approve"): "approved",
    ("endorsed", "decline"): "declined",
    ("not_endorsed", "start_again"): "draft",
    ("declined", "start_again"): "draft",
    ("draft", "withdraw"): "withdrawn",
    ("proposed", "withdraw"): "withdrawn",
    ("endorsed", "withdraw"): "withdrawn",
}


def step_context(
    status: Status, roles: frozenset[Role] = COORDINATOR | CFDU, managed_by: str = PSP
) -> StepContext:
    """Return a change asked for by person 1 and endorsed by person 2, seen by person 3."""
    return StepContext(
        status=status,
        case_managed_by=managed_by,
        person=3,
        roles=roles,
        requested_by=1,
        endorsed_by=2 if status is Status.ENDORSED else None,
    )


@pytest.mark.parametrize(("status", "step"), [*product(Status, Step)])
def test_only_the_listed_steps_lead_on(status: Status, step: Step) -> None:
    row = TRANSITIONS[step]
    assert (status in row.starts) == ((status.value, step.value) in LISTED)
    assert (reasons_against(step, step_context(status)) == ()) == (status in row.starts)
    if status in row.starts:
        assert row.end == LISTED[status.value, step.value]


def test_every_step_has_one_line() -> None:
    assert sorted(TRANSITIONS) == sorted(Step)
    assert set(USER_STEPS) == set(Step) - {Step.VOID}


def test_open_is_what_somebody_still_has_to_do_something_about() -> None:
    assert {Status.DRAFT, Status.PROPOSED, Status.ENDORSED} == OPEN


def test_a_step_from_the_wrong_status_says_where_the_change_stands() -> None:
    (reason,) = reasons_against(Step.APPROVE, step_context(Status.DRAFT))
    assert reason == (
        "This goal change has moved on: it is now a draft. Only one that is endorsed can be "
        "approved."
    )
    (reason,) = reasons_against(Step.APPROVE, step_context(Status.PROPOSED))
    assert "it is now proposed." in reason


@pytest.mark.parametrize(
    ("managed_by", "decider", "other"),
    [(PSP, CFDU, CASEWORK_MANAGER), (DCJ, CASEWORK_MANAGER, CFDU)],
)
@pytest.mark.parametrize("step", DECISION_STEPS)
def test_who_decides_follows_from_who_manages_the_case(
    step: Step, managed_by: str, decider: frozenset[Role], other: frozenset[Role]
) -> None:
    assert {APPROVERS[managed_by]} == decider
    assert reasons_against(step, step_context(Status.ENDORSED, decider, managed_by)) == ()
    for roles in (other, COORDINATOR, frozenset({Role.PRACTICE_MANAGER}), frozenset[Role]()):
        (reason,) = reasons_against(step, step_context(Status.ENDORSED, roles, managed_by))
        assert "Only" in reason or "only" in reason
        assert APPROVERS[managed_by].label in reason


@pytest.mark.parametrize("step", [Step.PROPOSE, Step.ENDORSE, Step.NOT_ENDORSE, Step.WITHDRAW])
def test_an_approver_does_not_do_a_coordinators_part(step: Step) -> None:
    status = Status.DRAFT if step is Step.PROPOSE else Status.PROPOSED
    (reason,) = reasons_against(step, step_context(status, CFDU))
    assert reason == "Only a Permanency Coordinator of the child's district can do this."
    assert reasons_against(step, step_context(status, frozenset({Role.PRACTICE_MANAGER}))) == ()


def test_coordinator_and_the_right_approver_may_ask_for_more() -> None:
    assert reasons_against(Step.ASK_FOR_MORE, step_context(Status.ENDORSED, COORDINATOR)) == ()
    assert reasons_against(Step.ASK_FOR_MORE, step_context(Status.ENDORSED, CFDU)) == ()
    (reason,) = reasons_against(Step.ASK_FOR_MORE, step_context(Status.ENDORSED, CASEWORK_MANAGER))
    assert "Permanency Coordinator or the CFDU approver" in reason


@pytest.mark.parametrize("step", [Step.ENDORSE, Step.NOT_ENDORSE])
def test_nobody_judges_what_they_asked_for(step: Step) -> None:
    mine = replace(step_context(Status.PROPOSED), person=1)
    assert reasons_against(step, mine) == (
        "You asked for this change, so somebody else endorses it or not.",
    )
    named = replace(step_context(Status.PROPOSED), requested_by=None, is_named_as_requester=True)
    assert reasons_against(step, named) == reasons_against(step, mine)
    earlier = replace(step_context(Status.PROPOSED), has_asked=True)
    (reason,) = reasons_against(step, earlier)
    assert reason.startswith("You were named as asking for this change")
    assert "somebody else endorses it or not." in reason


@pytest.mark.parametrize("step", DECISION_STEPS)
def test_nobody_decides_what_they_asked_for_before_an_edit(step: Step) -> None:
    (reason,) = reasons_against(step, replace(step_context(Status.ENDORSED), has_asked=True))
    assert reason.startswith("You were named as asking for this change")


@pytest.mark.parametrize("step", [Step.ENDORSE, Step.APPROVE])
def test_what_a_change_must_say_is_asked_again(step: Step) -> None:
    status = Status.PROPOSED if step is Step.ENDORSE else Status.ENDORSED
    lacking = replace(step_context(status), missing_parts=("Write who was consulted.",))
    assert reasons_against(step, lacking) == ("Write who was consulted.",)


def test_no_endorsement_after_the_goal_in_force_moved() -> None:
    moved = replace(step_context(Status.PROPOSED), case_change_sentence="Another goal is in force.")
    assert reasons_against(Step.ENDORSE, moved) == ("Another goal is in force.",)
    assert reasons_against(Step.NOT_ENDORSE, moved) == ()


@pytest.mark.parametrize("step", DECISION_STEPS)
@pytest.mark.parametrize(("person", "word"), [(1, "asked for"), (2, "endorsed")])
def test_nobody_decides_what_they_asked_for_or_endorsed(step: Step, person: int, word: str) -> None:
    mine = replace(step_context(Status.ENDORSED), person=person)
    assert reasons_against(step, mine) == (f"You {word} this change, so somebody else decides it.",)


def test_two_unknown_people_are_not_one_person() -> None:
    nobody = replace(
        step_context(Status.ENDORSED), person=None, requested_by=None, endorsed_by=None
    )
    assert reasons_against(Step.APPROVE, nobody) == ()


def test_what_the_records_say_is_told_where_it_matters() -> None:
    draft = replace(
        step_context(Status.DRAFT),
        missing_parts=("Give the reasons for the change.",),
        consultation_error="Informal advice cannot carry it.",
        ending_sentence="The child turned 18.",
    )
    assert reasons_against(Step.PROPOSE, draft) == (
        "Informal advice cannot carry it.",
        "Give the reasons for the change.",
        "The child turned 18.",
    )
    assert reasons_against(Step.WITHDRAW, draft) == ()


@pytest.mark.parametrize("step", DECISION_STEPS)
def test_no_decision_after_case_management_moved(step: Step) -> None:
    moved = replace(step_context(Status.ENDORSED), case_change_sentence="DCJ manages the case now.")
    assert reasons_against(step, moved) == ("DCJ manages the case now.",)
    assert reasons_against(Step.WITHDRAW, moved) == ()


def test_the_printed_table_is_the_table() -> None:
    printed = (settings.BASE_DIR / "docs" / "workflow.md").read_text()
    for row in TRANSITIONS.values():
        starts = ", ".join(each.label for each in Status if each in row.starts)
        roles = ", ".join(each.label for each in Role if each in row.roles)
        line = f"| {row.step.label} | {starts} | {roles} | {row.end.label} | {row.asks_for} |"
        assert line in printed
    assert printed.count("\n| ") == len(TRANSITIONS) + 1, "as many lines as steps, and the head"
