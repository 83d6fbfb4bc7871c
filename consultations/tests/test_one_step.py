"""A consultation recorded together with the change that it recommends: proposed, and endorsed."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from consultations.goal_changes import presentation
from consultations.models import Consultation, Decision, GoalChange
from consultations.records import services as consultations
from consultations.tests.cases import TODAY, change_in, content
from consultations.tests.test_writing_pages import answers, boxes
from consultations.workflow import Status
from directory.errors import StepNotAllowedError
from directory.models import Draft, HistoryEntry, User
from directory.roles import Role
from directory.tests.people import make_person
from permanency.models import Child
from permanency.policy.goals import AboriginalStatus, Goal


@pytest.fixture
def new(child: Child) -> str:
    return f"{reverse('new-consultation')}?child={child.pk}"


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    client.force_login(coordinator)
    return client


def seen(child: Child, by: User) -> str:
    """Return what the page shows beside the buttons, as its form sends it back."""
    child = Child.objects.get(pk=child.pk)
    return presentation.one_step(child, by, asked_by="", on=TODAY).seen


def sent(child: Child, by: User, save: str, **changed: Any) -> dict[str, Any]:
    return answers(save=save, seen=seen(child, by), **changed)


def nothing_is_saved() -> bool:
    return not Consultation.objects.exists() and not GoalChange.objects.exists()


def test_a_change_is_recorded_proposed_and_endorsed_in_one_step(
    desk: Client, new: str, child: Child, coordinator: User
) -> None:
    response = desk.post(new, sent(child, coordinator, "endorse"))
    change = GoalChange.objects.get()
    assert response.headers["Location"] == reverse("goal-change", args=[change.pk])
    assert (change.status, change.goal) == (Status.ENDORSED, Goal.GUARDIANSHIP)
    assert (change.reasons, change.requested_by_name) == (content().reasons, "Toni Worker")
    assert (change.endorsed_by, change.consultation.by) == (coordinator, coordinator)
    steps = list(Decision.objects.order_by("pk").values_list("step", flat=True))
    assert steps == ["propose", "endorse"]
    told = HistoryEntry.objects.filter(child_number=child.pk).order_by("pk")
    assert list(told.values_list("verb", flat=True))[-4:] == [
        "recorded a consultation",
        "drafted a goal change",
        "proposed a goal change",
        "endorsed a goal change",
    ]


def test_a_change_that_is_only_proposed_waits_for_an_endorser(
    desk: Client, new: str, child: Child, coordinator: User
) -> None:
    assert desk.post(new, sent(child, coordinator, "propose")).status_code == 302
    assert GoalChange.objects.get().status == Status.PROPOSED


def test_recorded_alone_it_brings_no_change(
    desk: Client, new: str, child: Child, coordinator: User
) -> None:
    assert desk.post(new, sent(child, coordinator, "record")).status_code == 302
    assert not GoalChange.objects.exists()


def test_a_draft_is_recorded_and_proposed_too(
    desk: Client, new: str, child: Child, coordinator: User
) -> None:
    edit = desk.post(new, answers(save="draft")).headers["Location"]
    response = desk.post(edit, sent(child, coordinator, "endorse", version=1))
    assert response.status_code == 302
    assert GoalChange.objects.get().consultation == Consultation.objects.get()
    assert not Draft.objects.exists()


def test_who_asked_for_it_may_propose_it_and_not_endorse_it(
    desk: Client, new: str, child: Child, coordinator: User
) -> None:
    asked = {"asked_by_name": coordinator.name}
    refused = desk.post(new, sent(child, coordinator, "endorse", **asked))
    assert refused.status_code == 409
    assert "You asked for this change" in refused.content.decode()
    assert nothing_is_saved()
    page = desk.post(new, sent(child, coordinator, "row", **asked)).content.decode()
    assert 'value="propose"' in page
    assert 'value="endorse"' not in page
    assert desk.post(new, sent(child, coordinator, "propose", **asked)).status_code == 302
    assert GoalChange.objects.get().requested_by == coordinator


def test_where_another_change_is_open_none_is_offered(
    desk: Client, new: str, child: Child, coordinator: User, cfdu: User
) -> None:
    change_in(Status.DRAFT, child, coordinator=coordinator, approver=cfdu)
    page = desk.get(new).content.decode()
    assert "Another goal change for this child is open" in page
    assert 'value="propose"' not in page
    refused = desk.post(new, sent(child, coordinator, "propose", question="Another?"))
    assert refused.status_code == 409
    assert GoalChange.objects.count() == Consultation.objects.count() == 1


def test_another_goal_meanwhile_shows_the_page_again_and_saves_nothing(
    desk: Client, new: str, child: Child, coordinator: User
) -> None:
    filled = sent(child, coordinator, "endorse")
    child.goals.update(review_due_on=TODAY + timedelta(days=3))
    again = desk.post(new, filled)
    assert again.status_code == 409
    assert "not what the page showed before" in again.content.decode()
    assert nothing_is_saved()
    assert desk.post(new, sent(child, coordinator, "endorse")).status_code == 302


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"recommended_goal": ""}, "Choose the goal that"),
        ({"recommended_goal": "restoration"}, "is the goal in force already"),
        ({"kind": "informal"}, "Informal advice cannot carry a goal change"),
        ({"purpose": "packages", "recommended_goal": ""}, "Choose the goal that is proposed."),
        ({"asked_by_name": "toni@example.org"}, "Write a name, not an address."),
        ({"evidence_legal_state": "missing"}, "Say why you endorse without the missing evidence"),
        ({"evidence_legal_state": ""}, "Say by when the missing evidence will be there"),
    ],
)
def test_what_a_change_lacks_is_said_beside_its_field_and_nothing_is_saved(
    changed: dict[str, Any], sentence: str, desk: Client, new: str, child: Child, coordinator: User
) -> None:
    response = desk.post(new, sent(child, coordinator, "endorse", **changed))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert content().family_views in response.content.decode()
    assert nothing_is_saved()


def test_a_name_that_can_mean_two_people_is_left_to_the_page_with_the_list(
    desk: Client, new: str, child: Child, coordinator: User, colleague: User
) -> None:
    make_person("Sam Colleague", Role.COORDINATOR, child.district)
    asked = {"asked_by_name": "Colleague"}
    page = desk.post(new, sent(child, coordinator, "propose", **asked))
    assert page.status_code == 422
    assert "propose the change from its page, which has the list" in page.content.decode()
    assert nothing_is_saved()


def test_missing_evidence_is_exempted_with_a_reason_and_a_day(
    desk: Client, new: str, child: Child, coordinator: User
) -> None:
    until = TODAY + timedelta(days=14)
    exemption = {
        "evidence_legal_state": "missing",
        "evidence_exempted_because": "The court application comes in February.",
        "evidence_exempted_until_quick": until.isoformat(),
    }
    assert desk.post(new, sent(child, coordinator, "endorse", **exemption)).status_code == 302
    change = GoalChange.objects.get()
    assert change.evidence_exempted_until == until
    assert "Legal advice" in Decision.objects.get(step="endorse").reasons


def test_adoption_for_an_aboriginal_child_takes_who_was_consulted_from_the_cultural_advice(
    desk: Client, new: str, child: Child, coordinator: User
) -> None:
    Child.objects.update(aboriginal_status=AboriginalStatus.BEING_WORKED_OUT)
    chosen = {"recommended_goal": "adoption"}
    lacking = desk.post(new, sent(child, coordinator, "propose", cultural_advice="", **chosen))
    assert lacking.status_code == 422
    assert "Write who was consulted about adoption" in lacking.content.decode()
    said = {"cultural_advice": "The family agrees.", "cultural_advice_from": "Aunty Joy"}
    assert desk.post(new, sent(child, coordinator, "propose", **said, **chosen)).status_code == 302
    assert GoalChange.objects.get().cultural_consultation == "The family agrees.\n\nAunty Joy"


@pytest.mark.parametrize("who", ["cfdu", "district_manager", "stranger"])
def test_only_a_writer_of_the_district_records_and_proposes(
    who: str, child: Child, request: pytest.FixtureRequest
) -> None:
    proposal: Any = {"goal": Goal.GUARDIANSHIP, "reasons": "Settled.", "requested_by_name": "Toni"}
    with pytest.raises(PermissionDenied):
        consultations.record_and_propose(
            child, content(), proposal, by=request.getfixturevalue(who), on=TODAY
        )
    assert nothing_is_saved()


def test_where_the_last_of_the_steps_is_refused_none_is_saved(
    child: Child, coordinator: User
) -> None:
    proposal: Any = {"goal": Goal.GUARDIANSHIP, "reasons": "Settled.", "requested_by": coordinator}
    with pytest.raises(StepNotAllowedError, match="You asked for this change"):
        consultations.record_and_propose(
            child, content(), proposal, endorses=True, by=coordinator, on=TODAY
        )
    assert nothing_is_saved()
    assert not HistoryEntry.objects.filter(subject__startswith="consultation").exists()


# What is asked, and what counts as said


def test_options_are_weighed_only_where_it_is_about_the_goal(desk: Client, new: str) -> None:
    unweighed = {name: "" for name in answers() if name.startswith("option_")} | {
        "recommended_goal": ""
    }
    assert desk.post(new, answers(purpose="difficulty", **unweighed)).status_code == 422
    response = desk.post(new, answers(purpose="packages", **unweighed))
    page = desk.get(response.headers["Location"]).content.decode()
    assert "Propose a goal change" not in page, "no option was weighed"


def test_best_interests_are_not_asked_where_an_option_is_not_practicable(
    desk: Client, new: str
) -> None:
    unasked = {"option_adoption_is_practicable": "no", "option_adoption_in_best_interests": ""}
    assert desk.post(new, answers(**unasked)).status_code == 302
    open_question = {"option_adoption_is_practicable": "yes"}
    again = answers(question="Else?", **{**unasked, **open_question})
    assert desk.post(new, again).status_code == 422


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ({"cultural_advice": "Keep him near.", "cultural_advice_from": "Aunty Joy"}, "seen"),
        ({"cultural_advice": "None was given yet.", "cultural_advice_from": ""}, "missing"),
        ({"evidence_cultural_state": "not_needed"}, "not_needed"),
    ],
)
def test_cultural_advice_that_says_who_gave_it_is_the_cultural_consultation(
    typed: dict[str, str], state: str, desk: Client, new: str
) -> None:
    desk.post(new, answers(**{"evidence_cultural_state": "", **typed}))
    assert Consultation.objects.get().evidence.get(kind="cultural").state == state


def test_all_evidence_is_marked_seen_without_a_script(desk: Client, new: str) -> None:
    rows = {"actions-TOTAL_FORMS": 1, "actions-INITIAL_FORMS": 0}
    page = desk.post(new, {"save": "all_seen", "question": "Half a thou", **rows})
    text = page.content.decode()
    assert page.status_code == 200
    assert "something to put right" not in text
    assert "Half a thou" in text
    checked = [tag for tag in text.split("<input") if 'value="seen"' in tag and "checked" in tag]
    assert len(checked) == 6, "all but what the views say and what is other"
    assert nothing_is_saved()


def test_the_short_form_keeps_what_was_typed_into_the_long_one(desk: Client, new: str) -> None:
    typed = {"question": "Half a thou", "family_views": "They agree."}
    typed |= {"evidence_exempted_because": "It comes in February."}
    short = desk.post(new, {"save": "informal", **typed}).content.decode()
    assert "<h1>Note informal advice</h1>" in short
    long = desk.post(new, {"save": "formal", "kind": "informal", **typed}).content.decode()
    assert "<h1>Log a consultation</h1>" in long
    for page in (short, long):
        assert "Half a thou" in page
        assert "They agree." in page
        assert "It comes in February." in page
    assert "<h1>Note informal advice</h1>" in desk.get(f"{new}&kind=informal").content.decode()


@pytest.mark.parametrize(
    ("typed", "due_on"),
    [
        ({"due_on_quick": "14"}, TODAY + timedelta(days=14)),
        ({"due_on_quick": "other", **boxes("due_on", TODAY)}, TODAY),
        (boxes("due_on", TODAY), TODAY),
        ({"due_on_quick": "nonsense"}, None),
        ({"due_on_quick": "2026-02-31"}, None),
        ({"due_on_quick": "other"}, None),
    ],
)
def test_an_action_is_due_on_a_day_that_is_offered_or_on_another(
    typed: dict[str, Any], due_on: Any, desk: Client, new: str, child: Child
) -> None:
    typed = {**typed}
    if typed.get("due_on_quick") == "14":
        typed["due_on_quick"] = due_on.isoformat()
    row = {"what": "Visit", "who": "Toni", **typed}
    response = desk.post(new, answers(**{f"actions-0-{name}": said for name, said in row.items()}))
    assert response.status_code == (302 if due_on else 422)
    assert [each.due_on for each in child.actions.all()] == ([due_on] if due_on else [])


def test_a_day_that_was_offered_comes_back_with_a_draft(desk: Client, new: str) -> None:
    day = (TODAY + timedelta(days=14)).isoformat()
    rows = {"actions-TOTAL_FORMS": 1, "actions-INITIAL_FORMS": 0, "actions-0-due_on_quick": day}
    edit = desk.post(new, {"save": "draft", **rows}).headers["Location"]
    page = desk.get(edit).content.decode()
    (radio,) = [tag for tag in page.split("<input") if f'value="{day}" id="id_actions-0' in tag]
    assert " checked" in radio.split(">")[0]


def test_a_goal_ended_by_a_birthday_offers_no_change(desk: Client, new: str, child: Child) -> None:
    Child.objects.update(born_on=TODAY - timedelta(days=366 * 18))
    assert "The child turned 18" in desk.get(new).content.decode()
