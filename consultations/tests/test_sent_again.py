"""Forms that come back: sent twice, or by the way back."""

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import Consultation, GoalChange
from consultations.tests.cases import TODAY, consult, make_child
from consultations.tests.test_corrections import entries
from consultations.tests.test_writing_pages import answers, boxes
from directory.models import User
from directory.tests.test_typed_text import token_of
from permanency.models import Child


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    """Return a browser in which the Permanency Coordinator is signed in."""
    client.force_login(coordinator)
    return client


def new(child: Child) -> str:
    return f"{reverse('new-consultation')}?child={child.pk}"


@pytest.mark.parametrize("save", ["draft", "record"])
def test_one_sheet_sent_twice_makes_one_consultation(save: str, desk: Client, child: Child) -> None:
    sent = answers(save=save, submission_token=token_of(desk, new(child)))
    first, second = desk.post(new(child), sent), desk.post(new(child), sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Consultation.objects.count() == 1


def test_a_correction_sent_twice_is_one_version(
    desk: Client, child: Child, coordinator: User
) -> None:
    found = consult(child, coordinator)
    edit = reverse("edit-consultation", args=[found.pk])
    sent = answers(question="Once?", version=1, submission_token=token_of(desk, edit))
    for _ in range(2):
        assert desk.post(edit, sent).status_code == 302
    assert Consultation.objects.get().version == 2
    assert len(entries("corrected a consultation")) == 1


def test_one_sheet_sent_twice_makes_one_goal_change(
    desk: Client, child: Child, coordinator: User
) -> None:
    address = f"{reverse('new-goal-change')}?consultation={consult(child, coordinator).pk}"
    sent = {"save": "draft", "goal": "guardianship", "submission_token": token_of(desk, address)}
    first, second = desk.post(address, sent), desk.post(address, sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert GoalChange.objects.count() == 1


# The way back


def test_the_same_account_on_another_sheet_is_recorded_once_and_says_so(
    desk: Client, child: Child
) -> None:
    action = {"actions-0-what": "Visit", "actions-0-who": "T", **boxes("actions-0-due_on", TODAY)}
    first = desk.post(new(child), answers(**action))
    second = desk.post(new(child), answers(**action))
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
    assert not kept & {*strange, "ab", "submission_token", "version", "save", "csrfmiddlewaretoken"}


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
