"""Forms that come back: sent twice, with a token of something else, or by the way back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import Consultation, GoalChange
from consultations.tests.cases import TODAY, consult, make_child
from consultations.tests.test_writing_pages import answers, boxes
from directory.models import User
from permanency.models import Child

TOKEN = "8f14e45f-ceea-467f-a8b2-6b8e3f0f2a11"


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    """Return a browser in which the Permanency Coordinator is signed in."""
    client.force_login(coordinator)
    return client


def new(child: Child) -> str:
    return f"{reverse('new-consultation')}?child={child.pk}"


def new_change(consultation: Consultation) -> str:
    return f"{reverse('new-goal-change')}?consultation={consultation.pk}"


def said(**changed: Any) -> dict[str, Any]:
    return {"save": "draft", "goal": "guardianship", "token": TOKEN, **changed}


def test_a_token_of_another_childs_consultation_counts_as_none(desk: Client, child: Child) -> None:
    other = make_child(child.district)
    for each in (child, other):
        response = desk.post(new(each), answers(token=TOKEN))
        made = each.consultations.get()
        assert response.headers["Location"] == reverse("consultation", args=[made.pk])


def test_a_token_of_another_authors_consultation_counts_as_none(
    desk: Client, child: Child, colleague: User
) -> None:
    desk.post(new(child), answers(token=TOKEN))
    desk.force_login(colleague)
    desk.post(new(child), answers(token=TOKEN, question="Another?"))
    assert set(child.consultations.values_list("by__name", flat=True)) == {
        "Pat Coordinator",
        "Jo Colleague",
    }


def test_a_token_of_a_draft_does_not_pass_for_a_record(desk: Client, child: Child) -> None:
    desk.post(new(child), answers(token=TOKEN, save="draft"))
    response = desk.post(new(child), answers(token=TOKEN))
    recorded = child.consultations.exclude(recorded_on=None).get()
    assert response.headers["Location"] == reverse("consultation", args=[recorded.pk])
    assert child.consultations.filter(recorded_on=None).count() == 1


@pytest.mark.parametrize("save", ["draft", "record"])
def test_a_token_held_by_another_row_is_no_server_error_on_an_edit(
    save: str, desk: Client, child: Child, coordinator: User
) -> None:
    desk.post(new(child), answers(token=TOKEN))
    desk.post(new(child), answers(save="draft", question="Draft"))
    draft = child.consultations.get(recorded_on=None)
    edit = reverse("edit-consultation", args=[draft.pk])
    sent = answers(token=TOKEN, save=save, question="Typed again?", version=draft.version)
    assert desk.post(edit, sent).status_code == 302
    draft.refresh_from_db()
    assert draft.question == "Typed again?"


def test_a_token_of_another_childs_change_counts_as_none(
    desk: Client, child: Child, coordinator: User
) -> None:
    other = make_child(child.district)
    for each in (child, other):
        response = desk.post(new_change(consult(each, coordinator)), said())
        made = each.goal_changes.get()
        assert response.headers["Location"] == reverse("goal-change", args=[made.pk])
    edit = reverse("edit-goal-change", args=[other.goal_changes.get().pk])
    assert desk.post(edit, said(goal="adoption", version=1)).status_code == 302
    assert other.goal_changes.get().goal == "adoption"


def test_a_token_of_another_authors_change_counts_as_none(
    desk: Client, child: Child, coordinator: User, colleague: User
) -> None:
    consultation = consult(child, coordinator)
    desk.post(new_change(consultation), said())
    desk.force_login(colleague)
    assert desk.post(new_change(consultation), said()).status_code == 409
    assert GoalChange.objects.get().recorded_by == coordinator


# The way back


def test_the_same_account_with_a_fresh_token_is_recorded_once_and_says_so(
    desk: Client, child: Child
) -> None:
    action = {"actions-0-what": "Visit", "actions-0-who": "T", **boxes("actions-0-due_on", TODAY)}
    first = desk.post(new(child), answers(token=TOKEN, **action))
    fresh = TOKEN.replace("8", "9")
    second = desk.post(new(child), answers(token=fresh, **action))
    assert first.headers["Location"] == second.headers["Location"]
    page = desk.get(second.headers["Location"]).content.decode()
    assert "This consultation is recorded already." in page
    assert child.consultations.count() == 1


@pytest.mark.parametrize("other", ["words", "author", "child", "day"])
def test_another_account_is_another_consultation(
    other: str, desk: Client, child: Child, coordinator: User, colleague: User
) -> None:
    desk.post(new(child), answers())
    address = new(child)
    if other == "author":
        desk.force_login(colleague)
    if other == "child":
        address = new(make_child(child.district))
    if other == "day":
        child.consultations.update(recorded_on=child.consultations.get().held_on)
    changed = {"question": "Another?"} if other == "words" else {}
    desk.post(address, answers(**changed))
    assert Consultation.objects.count() == 2


# What a draft keeps


def test_a_draft_keeps_the_fields_of_the_form_and_no_other_posted_name(
    desk: Client, child: Child
) -> None:
    strange = {"a\x00b": "x", "typed": "y", "actions-7-what": "no such row", "by": "1"}
    sent = answers(save="draft", **{"actions-0-what": "Half"}, **strange)
    assert desk.post(new(child), sent).status_code == 302
    kept = set(child.consultations.get().typed)
    assert {"question", "held_on_day", "actions-0-what", "actions-TOTAL_FORMS"} <= kept
    assert not kept & {*strange, "ab", "token", "version", "save", "csrfmiddlewaretoken"}


def test_the_error_summary_follows_the_page_and_names_each_option_once(
    desk: Client, child: Child
) -> None:
    sent = {"save": "record", "kind": "formal", "purpose": "goal_change"}
    sent |= {"recommended_goal": "adoption", **boxes("held_on", TODAY)}
    page = desk.post(new(child), sent).content.decode()
    summary, body = page.split("data-error-summary")[1].split("</ul>", 1)
    links = [part.split('"')[0] for part in summary.split('href="#')[1:]]
    assert len(links) > 10
    places = [body.index(f'id="{link}"') for link in links]
    assert places == sorted(places)
    lines = [part.split("<")[0].split(">")[1] for part in summary.split('href="#')[1:]]
    assert len(set(lines)) == len(lines)
    for line in lines:
        assert line.lower().count("guardianship") <= 1
        assert "?:" not in line
