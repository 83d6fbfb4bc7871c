"""The form of a consultation: quick, and nothing typed is ever lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import Consultation, Evidence
from consultations.records import services as consultations
from consultations.records.services import CONTENT_FIELDS, content_of
from consultations.tests.cases import HELD_ON, TODAY, change_in, consult, content, make_child
from consultations.workflow import Status
from directory.models import User
from permanency.care.services import finish_action
from permanency.models import Action, Child
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import AboriginalStatus, Goal


def boxes(name: str, day: date) -> dict[str, Any]:
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def answers(**changed: Any) -> dict[str, Any]:
    """Return a complete formal consultation as a browser sends it."""
    told = content()
    sent: dict[str, Any] = {
        "save": "record",
        "version": 1,
        "actions-TOTAL_FORMS": 1,
        "actions-INITIAL_FORMS": 0,
    }
    for name in CONTENT_FIELDS:
        sent[name] = str(getattr(told, name))
    sent |= boxes("held_on", sent.pop("held_on") and HELD_ON)
    for goal in Goal:
        sent[f"option_{goal}_is_practicable"] = "yes"
        sent[f"option_{goal}_in_best_interests"] = "unsure"
        sent[f"option_{goal}_reasons"] = f"Thoughts on {goal}"
    for kind in Evidence.Kind:
        sent[f"evidence_{kind}_state"] = "seen"
        sent[f"evidence_{kind}_note"] = f"Note on {kind}"
    return {**sent, **changed}


@pytest.fixture
def new(child: Child) -> str:
    """Return the address at which a consultation about the child is logged."""
    return f"{reverse('new-consultation')}?child={child.pk}"


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    """Return a browser in which the Permanency Coordinator is signed in."""
    client.force_login(coordinator)
    return client


def test_the_form_begins_with_sensible_answers(desk: Client, new: str) -> None:
    page = desk.get(new).content.decode()
    assert "Toni Worker, caseworker, Example Care" in page
    assert "Pat Coordinator, Permanency Coordinator, DCJ" in page
    assert f'name="held_on_year" value="{TODAY.year}"' in page


@pytest.mark.parametrize(
    ("status", "last"),
    [(AboriginalStatus.NEITHER, "long_term_care"), (AboriginalStatus.UNKNOWN, "adoption")],
)
def test_the_options_stand_in_their_order(
    status: str, last: str, desk: Client, coordinator: User
) -> None:
    district = coordinator.appointments_in_force(on=TODAY)[0].district
    child = make_child(district, aboriginal_status=status)  # type: ignore[arg-type]  # names one
    page = desk.get(f"{reverse('new-consultation')}?child={child.pk}").content.decode()
    places = {goal: page.index(f'name="option_{goal}_reasons"') for goal in Goal}
    assert max(places, key=lambda goal: places[goal]) == last


def test_a_complete_form_is_recorded_and_shown(desk: Client, new: str) -> None:
    action = {
        "actions-0-what": "Visit",
        "actions-0-who": "Toni",
        **boxes("actions-0-due_on", TODAY),
    }
    response = desk.post(new, answers(**action))
    consultation = Consultation.objects.get()
    assert response.headers["Location"] == reverse("consultation", args=[consultation.pk])
    told = content_of(consultation)
    assert (told.question, told.options[0].reasons) == (
        content().question,
        "Thoughts on preservation",
    )
    assert told.evidence[0].note == "Note on case_plan"
    assert told.actions[0] == AgreedAction("Visit", "Toni", TODAY, Action.objects.get().pk)
    assert "Can an aunt become guardian?" in desk.get(response.headers["Location"]).content.decode()


def test_informal_advice_needs_three_answers(desk: Client, new: str) -> None:
    sent = answers(kind="informal", recommended_goal="", took_part="", reasons="")
    short = {k: v for k, v in sent.items() if not k.startswith(("option_", "evidence_"))}
    assert desk.post(new, {**short, "child_views": "", "family_views": ""}).status_code == 302
    assert Consultation.objects.get().kind == "informal"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"question": ""}, "Write the question that was put."),
        ({"child_views": ""}, "Write the child&#x27;s views."),
        ({"option_adoption_is_practicable": ""}, "Open adoption, practicable: Say whether it is"),
        ({"option_restoration_reasons": ""}, "it is considered before guardianship"),
        ({"recommended_goal": ""}, "Choose the goal that you recommend."),
        (boxes("held_on", TODAY + timedelta(days=1)), "held after today"),
        (boxes("held_on", TODAY - timedelta(days=9_000)), "before the child was born"),
        ({"held_on_month": "13"}, "Enter a real date"),
        ({"held_on_day": ""}, "Enter the day as well."),
        ({"held_on_year": ""}, '<a href="#id_held_on_year">'),
        ({"actions-0-what": "Visit"}, "Say who will do it."),
        ({"kind": "loud"}, "Select a valid choice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_every_typed_word_is_still_there(
    changed: dict[str, Any], sentence: str, desk: Client, new: str
) -> None:
    sent = answers(**changed)
    response = desk.post(new, sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "There is something to put right" in page
    for name, value in sent.items():
        if isinstance(value, str) and value and name not in {"save", "kind"}:
            assert value.split("\n")[0].replace("'", "&#x27;") in page, name
    assert not Consultation.objects.exists()


def test_another_row_keeps_everything_typed_and_complains_of_nothing(
    desk: Client, new: str
) -> None:
    sent = answers(save="row", question="", **{"actions-0-what": "Half an action"})
    response = desk.post(new, sent)
    page = response.content.decode()
    assert response.status_code == 200
    assert "something to put right" not in page
    assert 'name="actions-1-what"' in page
    assert "Half an action" in page
    assert "Thoughts on adoption" in page


@pytest.mark.parametrize("total", ["", "x", "-1", "999999999999", "٣"])
def test_a_broken_number_of_rows_is_no_server_error(total: str, desk: Client, new: str) -> None:
    for save in ("row", "draft", "record"):
        sent = answers(save=save, **{"actions-TOTAL_FORMS": total})
        assert desk.post(new, sent).status_code in {200, 302, 422}


# Drafts


def test_a_draft_comes_back_word_for_word(desk: Client, new: str) -> None:
    half = {
        "save": "draft",
        "kind": "formal",
        "purpose": "goal_change",
        "held_on_day": "31",
        "held_on_month": "2",
        "held_on_year": "",
        "question": "Half a thou",
        "option_adoption_reasons": "Not <yet> sure",
        "actions-TOTAL_FORMS": 2,
        "actions-INITIAL_FORMS": 0,
        "actions-1-who": "Somebody",
    }
    response = desk.post(new, half)
    draft = Consultation.objects.get()
    assert response.headers["Location"] == reverse("edit-consultation", args=[draft.pk])
    page = desk.get(response.headers["Location"]).content.decode()
    for words in ('value="31"', "Half a thou", "Not &lt;yet&gt; sure", 'value="Somebody"'):
        assert words in page
    assert "something to put right" not in page


def test_a_draft_is_saved_again_and_then_recorded(desk: Client, new: str) -> None:
    desk.post(new, {"save": "draft", "question": "First"})
    draft = Consultation.objects.get()
    edit = reverse("edit-consultation", args=[draft.pk])
    desk.post(edit, {"save": "draft", "question": "Second", "version": draft.version})
    draft.refresh_from_db()
    assert draft.question == "Second"
    response = desk.post(edit, answers(version=draft.version))
    assert response.headers["Location"] == reverse("consultation", args=[draft.pk])
    draft.refresh_from_db()
    assert (draft.recorded_on, draft.typed) == (TODAY, {})


def test_a_draft_made_by_another_way_opens_too(
    desk: Client, child: Child, coordinator: User
) -> None:
    draft = consultations.save_draft(
        child, typed={}, answers={"question": "From a review"}, by=coordinator, on=TODAY
    )
    page = desk.get(reverse("edit-consultation", args=[draft.pk])).content.decode()
    assert "From a review" in page


def test_nul_and_strange_letters_are_kept_or_left_out_without_an_error(
    desk: Client, new: str
) -> None:
    strange = "a\x00b \u202e \U0001f600 'quote"
    assert desk.post(new, {"save": "draft", "question": strange}).status_code == 302
    assert Consultation.objects.get().typed["question"] == ["ab \u202e \U0001f600 'quote"]
    assert desk.post(new, answers(question=strange)).status_code == 422


@pytest.mark.parametrize("name", ["consultation", "edit-consultation"])
def test_a_draft_is_not_there_for_others(
    name: str, client: Client, child: Child, coordinator: User, colleague: User, mpp: User
) -> None:
    draft = consultations.save_draft(child, typed={}, answers={}, by=coordinator, on=TODAY)
    address = reverse(name, args=[draft.pk])
    for person in (colleague, mpp):
        client.force_login(person)
        assert client.get(address).status_code == 404
        assert client.post(address, answers()).status_code in {404, 405}
        listed = client.get(reverse("child-consultations", args=[child.pk])).content.decode()
        assert f"/consultations/{draft.pk}/" not in listed


# Sent twice, and over each other


def test_a_stale_correction_shows_both_and_loses_nothing(
    desk: Client, child: Child, coordinator: User, colleague: User
) -> None:
    consultation = consult(child, coordinator)
    edit = reverse("edit-consultation", args=[consultation.pk])
    theirs = content(question="Theirs?")
    consultations.correct(consultation, theirs, version=1, by=colleague, on=TODAY)
    response = desk.post(edit, answers(question="Mine?", version=1))
    page = response.content.decode()
    assert response.status_code == 409
    assert "Somebody else has changed this since you opened it" in page
    assert "Theirs?" in page
    assert "Mine?" in page
    assert Consultation.objects.get().question == "Theirs?"
    assert 'name="version" value="2"' in page
    assert desk.post(edit, answers(question="Mine?", version=2)).status_code == 302
    assert Consultation.objects.get().question == "Mine?"


def test_a_draft_saved_in_another_tab_shows_what_is_saved_where_it_differs(
    desk: Client, child: Child, new: str
) -> None:
    edit = desk.post(new, answers(save="draft", question="First?")).headers["Location"]
    saved = answers(save="draft", question="Saved?", version=1)
    assert desk.post(edit, saved).status_code == 302
    response = desk.post(edit, answers(save="draft", question="Mine?", version=1))
    page = response.content.decode()
    assert response.status_code == 409
    assert "You saved this draft meanwhile, in another tab" in page
    assert 'The question, as saved now</dt><dd class="app-prose">Saved?</dd>' in page
    assert "Mine?" in page
    assert page.count("as saved now") == 1
    assert desk.post(edit, answers(save="draft", question="Mine?", version=2)).status_code == 302


def test_a_correction_refused_by_the_services_keeps_what_was_typed(
    desk: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    edit = reverse("edit-consultation", args=[change.consultation_id])
    response = desk.post(edit, answers(kind="informal", question="Typed with care"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "An open goal change rests on this consultation." in page
    assert "Typed with care" in page


def test_what_an_approved_change_rests_on_is_not_offered_for_correction(
    desk: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.APPROVED, child, coordinator=coordinator, approver=cfdu)
    page = desk.get(reverse("consultation", args=[change.consultation_id])).content.decode()
    assert reverse("edit-consultation", args=[change.consultation_id]) not in page
    edit = reverse("edit-consultation", args=[change.consultation_id])
    assert desk.get(edit).status_code == 409
    assert desk.post(edit, answers(question="Typed")).status_code == 409


def test_a_correction_warns_that_an_endorsement_falls(
    desk: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    page = desk.get(reverse("edit-consultation", args=[change.consultation_id])).content.decode()
    assert "makes that endorsement void" in page


def test_a_correction_shows_open_actions_and_keeps_done_ones(
    desk: Client, child: Child, coordinator: User
) -> None:
    rows = (AgreedAction("Open one", "Toni", TODAY), AgreedAction("Done one", "Toni", TODAY))
    consultation = consult(child, coordinator, actions=rows)
    Action.objects.filter(what="Done one").update(done_on=TODAY)
    page = desk.get(reverse("edit-consultation", args=[consultation.pk])).content.decode()
    assert 'value="Open one"' in page
    assert 'value="Done one"' not in page
    assert "Done one (Toni, done" in page


def test_other_words_for_an_action_that_was_done_meanwhile_are_kept_and_said(
    desk: Client, child: Child, coordinator: User, colleague: User
) -> None:
    row = AgreedAction("Visit", "Toni", TODAY)
    consultation = consult(child, coordinator, actions=(row,))
    action = Action.objects.get()
    address = reverse("edit-consultation", args=[consultation.pk])
    words = {
        "actions-TOTAL_FORMS": 2,
        "actions-0-number": action.pk,
        "actions-0-what": "Visit the aunt, not the uncle",
        "actions-0-who": "Toni",
        **boxes("actions-0-due_on", TODAY),
    }
    finish_action(action, by=colleague, on=TODAY)
    answer = desk.post(address, answers(question="Other?", **words))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This action was done on" in page.split("Visit the aunt, not the uncle")[0]
    assert Consultation.objects.get().question != "Other?"
    # The row as it was, or emptied, lets the rest be corrected.
    emptied = {name: "" for name in words if name[-1] not in "SR" and "number" not in name}
    for version, row_now in enumerate(({"actions-0-what": "Visit"}, emptied), start=1):
        sent = answers(**words, question=f"Other {version}?", version=version)
        assert desk.post(address, sent | row_now).status_code == 302
    action.refresh_from_db()
    assert (action.what, action.done_on) == ("Visit", TODAY)
    assert consultation.actions.count() == 1


@pytest.mark.parametrize("query", ["", "?child=", "?child=x", "?child=0", "?child=" + "9" * 40])
def test_a_consultation_about_nobody_is_404(query: str, desk: Client) -> None:
    assert desk.get(reverse("new-consultation") + query).status_code == 404


def test_a_name_typed_into_the_form_stays_out_of_address_and_title(
    desk: Client, new: str, child: Child
) -> None:
    response = desk.post(new, answers())
    title = desk.get(response.headers["Location"]).content.decode().split("<title>")[1]
    assert child.last_name not in title.split("</title>")[0]
    assert child.last_name not in response.headers["Location"]
