"""A child who may be here already is asked about, by hand and in the preview of an import."""

import re
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from directory import clock
from directory.forms.drafts import FIELD_NAME
from directory.models import District, ReadEntry, User
from directory.tests.people import make_district
from permanency.access import services as access
from permanency.children.forms import ANOTHER_CHILD, MAY_BE_THE_SAME
from permanency.models import Child
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.tests.answers import child_form_data, form_data
from permanency.tests.factories import BORN_ON, make_child
from permanency.tests.import_files import MINIMAL_ROW, run_import, write_csv
from permanency.tests.rules import put_first_rules_back
from permanency.tests.two_steps import open_goal, save_as_shown

pytestmark = pytest.mark.dialect

TODAY = clock.today()
WARNING = "This may be the same child"


def answers(district: District, **changed: Any) -> dict[str, str]:
    facts = {
        "childstory_id": "NEW1",
        "first_name": "Siobhan",
        "last_name": "O\u2019Halloran",
        "born_on": BORN_ON,
        "aboriginal_status": "neither",
        "cald": "no",
        "district": district,
        "case_managed_by": "DCJ",
    }
    return form_data(**{**facts, **changed})


@pytest.fixture
def here(hunter: District) -> Child:
    return make_child(
        hunter, childstory_id="0012345", first_name="Siobh\u00e1n", last_name="O'Halloran"
    )


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"last_name": "Ohalloran"},
        {"first_name": "O'HALLORAN", "last_name": "Siobh\u00e1n"},
        {"first_name": "Other", "born_on": date(2016, 1, 1), "childstory_id": "12345"},
        {"first_name": "Other", "born_on": date(2016, 1, 1), "childstory_id": "00012345"},
    ],
)
def test_who_may_be_here_already_is_asked_about_before_a_child_is_registered(
    client: Client, coordinator: User, hunter: District, here: Child, said: dict[str, Any]
) -> None:
    client.force_login(coordinator)
    sent = answers(hunter, **said)
    page = client.post(reverse("new-child"), sent)

    assert page.status_code == 422
    assert page.context["form"].non_field_errors() == [MAY_BE_THE_SAME]
    assert page.context["alike"] == [here]
    assert WARNING in page.text
    assert f'<a href="{reverse("child", args=[here.pk])}">0012345</a>' in page.text
    assert f'name="{ANOTHER_CHILD}" value="{here.pk}"' in page.text
    assert Child.objects.count() == 1
    assert ReadEntry.objects.filter(kind="search", shown=[here.pk]).exists()

    assert client.post(reverse("new-child"), {**sent, ANOTHER_CHILD: "0"}).status_code == 422
    assert client.post(reverse("new-child"), {**sent, ANOTHER_CHILD: here.pk}).status_code == 302
    assert Child.objects.count() == 2


@pytest.mark.parametrize(
    "said", [{"born_on": date(2016, 1, 1)}, {"first_name": "Sean"}, {"childstory_id": "123450"}]
)
def test_who_is_another_child_is_registered_without_a_question(
    client: Client, coordinator: User, hunter: District, here: Child, said: dict[str, Any]
) -> None:
    if "childstory_id" in said:
        said |= {"first_name": "Another"}
    client.force_login(coordinator)

    assert client.post(reverse("new-child"), answers(hunter, **said)).status_code == 302


def test_nothing_is_asked_about_a_child_whom_one_may_not_see(
    client: Client, coordinator: User, second_coordinator: User, hunter: District, here: Child
) -> None:
    make_child(make_district("Sydney"), childstory_id="0777", last_name="Elsewhere")
    access.restrict(here, reasons="Staff are related.", by=second_coordinator, on=TODAY)
    client.force_login(coordinator)

    for number, said in enumerate(({}, {"childstory_id": "12345"}, {"childstory_id": "777"})):
        sent = answers(hunter, **{"childstory_id": f"NEW{number}", **said})
        sent |= {"last_name": f"O'Halloran{number or ''}"}
        assert client.post(reverse("new-child"), sent).status_code == 302, said


@pytest.fixture
def edited(hunter: District, here: Child) -> Child:
    return make_child(hunter, childstory_id="NEW1", first_name="Siobhan", last_name="Halloran")


def test_who_becomes_like_another_child_by_an_edit_is_asked_about(
    client: Client, coordinator: User, here: Child, edited: Child
) -> None:
    client.force_login(coordinator)
    url = reverse("edit-child", args=[edited.pk])
    sent = child_form_data(edited, last_name="O'Halloran", born_on=BORN_ON)
    page = client.post(url, sent)

    assert page.status_code == 422
    assert page.context["form"].non_field_errors() == [MAY_BE_THE_SAME]
    assert page.context["alike"] == [here]
    assert WARNING in page.text
    assert "It is another child: save" in page.text
    assert ReadEntry.objects.filter(kind="search", shown=[here.pk]).exists()
    assert client.post(url, {**sent, ANOTHER_CHILD: edited.pk}).status_code == 422
    edited.refresh_from_db()
    assert edited.last_name == "Halloran"

    assert client.post(url, {**sent, ANOTHER_CHILD: here.pk}).status_code == 302
    edited.refresh_from_db()
    assert edited.last_name == "O'Halloran"
    again = child_form_data(edited, caseworker="Jo")
    assert client.post(url, again).status_code == 302, "asked once, not at every later edit"
    again = child_form_data(Child.objects.get(pk=edited.pk), first_name="Siobh\u00e1n")
    assert client.post(url, again).status_code == 302, "the name is the same to a reader"


def test_the_answer_goes_through_the_page_that_shows_the_dates(
    client: Client, coordinator: User, hunter: District, here: Child
) -> None:
    born_on = add_months(BORN_ON, 12)
    edited = make_child(
        hunter, childstory_id="NEW1", first_name="Siobhan", last_name="O'Halloran", born_on=born_on
    )
    open_goal(edited, coordinator, Goal.LONG_TERM_CARE)
    died_on = TODAY
    client.force_login(coordinator)
    url = reverse("edit-child", args=[edited.pk])
    sent = child_form_data(edited, born_on=BORN_ON, died_on=died_on)
    assert client.post(url, sent).context["alike"] == [here]
    shown = client.post(url, {**sent, ANOTHER_CHILD: here.pk})
    assert shown.status_code == 200
    assert save_as_shown(client, url, shown).status_code == 302
    edited.refresh_from_db()
    assert (edited.born_on, edited.died_on) == (BORN_ON, died_on)


def test_an_edit_asks_about_no_child_whom_one_may_not_see(
    client: Client,
    coordinator: User,
    second_coordinator: User,
    here: Child,
    edited: Child,
) -> None:
    access.restrict(here, reasons="Staff are related.", by=second_coordinator, on=TODAY)
    client.force_login(coordinator)
    url = reverse("edit-child", args=[edited.pk])
    sent = child_form_data(edited, last_name="O'Halloran")
    assert client.post(url, sent).status_code == 302


def test_of_two_who_register_one_child_at_once_the_second_is_asked(
    transactional_db: None, coordinator: User, second_coordinator: User, hunter: District
) -> None:
    put_first_rules_back()
    asked = []

    def register(person: User, number: str) -> Any:
        client = Client()
        client.force_login(person)
        form = client.get(reverse("new-child"))
        token = re.search(f'name="{FIELD_NAME}" value="([^"]+)"', form.text)
        assert token
        sent = answers(hunter, childstory_id=number) | {FIELD_NAME: token[1]}
        return lambda: client.post(reverse("new-child"), sent)

    first, second = register(coordinator, "NEW1"), register(second_coordinator, "NEW2")

    def run() -> None:
        asked.append(second())
        connection.close()

    thread = Thread(target=run)
    with transaction.atomic():
        assert first().status_code == 302
        thread.start()
        # Long enough for the second to ask before the first is saved, if nothing held it.
        thread.join(1)
    thread.join(60)
    assert [each.status_code for each in asked] == [422]
    assert asked[0].context["form"].non_field_errors() == [MAY_BE_THE_SAME]
    assert Child.objects.count() == 1


ROW = {
    **MINIMAL_ROW,
    "ChildStoryID": "NEW1",
    "FIRST_NAME": "Siobhan",
    "LAST_NAME": "O\u2019Halloran",
    "DATE_OF_BIRTH": BORN_ON.isoformat(),
}
ASKS = "row 2, ChildStoryID: May be the same child as ChildStory ID 0012345, who is here."


@pytest.mark.parametrize(
    "said",
    [{}, {"ChildStoryID": "12345", "FIRST_NAME": "Other", "DATE_OF_BIRTH": "2016-01-01"}],
)
def test_a_preview_asks_and_nothing_is_written_before_that_is_answered(
    tmp_path: Path, here: Child, said: dict[str, str]
) -> None:
    path = write_csv(tmp_path, {**ROW, **said})

    report = run_import(path)
    assert ASKS in report
    assert "Halloran" not in report
    with pytest.raises(CommandError, match="--another-child"):
        run_import(path, commit=True)
    with pytest.raises(CommandError, match="--another-child"):
        run_import(path, commit=True, another_child=["OTHER"])
    assert Child.objects.count() == 1
    answer = [{**ROW, **said}["ChildStoryID"].lower()]
    assert "MAY BE THE SAME" not in run_import(path, commit=True, another_child=answer)
    assert Child.objects.count() == 2
    assert "MAY BE THE SAME" not in run_import(path), "who is here is asked about no more"


def test_two_rows_of_one_file_may_be_the_same_child(tmp_path: Path, hunter: District) -> None:
    path = write_csv(
        tmp_path, ROW, {**ROW, "ChildStoryID": "NEW2"}, {**ROW, "ChildStoryID": "0NEW1"}
    )

    report = run_import(path)
    for row in (3, 4):
        asked = f"row {row}, ChildStoryID: May be the same child as the child of row 2."
        assert asked in report
    with pytest.raises(CommandError, match="--another-child"):
        run_import(path, commit=True)
    run_import(path, commit=True, another_child=["NEW2", "0new1"])
    assert Child.objects.count() == 3


def test_an_import_asks_only_about_children_whom_its_reader_may_see(
    tmp_path: Path, coordinator: User, second_coordinator: User, hunter: District, here: Child
) -> None:
    access.restrict(here, reasons="Staff are related.", by=second_coordinator, on=TODAY)
    path = write_csv(tmp_path, ROW)

    assert ASKS not in run_import(path)
    assert ASKS not in run_import(path, by=coordinator.email)
    assert ASKS in run_import(path, by=second_coordinator.email)
