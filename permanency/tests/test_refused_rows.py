"""What is said where the database itself refuses a row: by the constraint that the row broke."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from directory.database.constraints import NO_LONGER_THERE, WRITTEN_TWICE, why_refused
from directory.models import District, User
from permanency.models import Child
from permanency.models.children import REFERENCE_LETTERS
from permanency.tests.answers import child_form_data, form_data
from permanency.tests.factories import BORN_ON, make_child, make_episode
from permanency.tests.import_files import MINIMAL_ROW, run_import, write_csv

pytestmark = pytest.mark.dialect

FACTS = {
    "first_name": "Robin",
    "last_name": "Example",
    "born_on": BORN_ON,
    "aboriginal_status": "neither",
    "cald": "no",
    "case_managed_by": "DCJ",
}


@contextmanager
def just_before_a_child_is_written(act: Callable[[Any], object]) -> Iterator[None]:
    """Do something as another process could: after all was checked, and before the row is there."""
    done: list[bool] = []

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith('INSERT INTO "permanency_child" ') and not done:
            done.append(True)
            act(params)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield
    assert done


def make_one_with_its_reference(hunter: District) -> Callable[[Any], object]:
    def act(params: Any) -> object:
        texts = (each for each in params if isinstance(each, str) and len(each) == 8)
        reference = next(each for each in texts if set(each) <= set(REFERENCE_LETTERS))
        return make_child(hunter, reference=reference, last_name="Other")

    return act


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        act()
    return why_refused(error.value)


def test_a_refusal_names_the_rule_or_what_happened_meanwhile(hunter: District) -> None:
    child = make_child(hunter)
    make_episode(child)
    died_on = date(2000, 1, 1)

    assert refused(lambda: make_child(hunter, died_on=died_on)) == (
        "it breaks a rule of the database: a child dies after birth."
    )
    for twice in (
        lambda: make_child(hunter, childstory_id=child.childstory_id),
        lambda: make_child(hunter, reference=child.reference),
        lambda: make_episode(child),
    ):
        assert refused(twice) == WRITTEN_TWICE
    with connection.cursor() as cursor:
        assert refused(
            lambda: cursor.execute("UPDATE permanency_child SET last_name = NULL")
        ).startswith("the database does not take it")


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_no_longer_there_is_told_as_such(hunter: District) -> None:
    child = make_child(hunter)
    assert refused(lambda: make_episode(child, child_id=child.pk + 1)) == NO_LONGER_THERE


def test_a_form_says_why_the_database_refused_and_loses_nothing_typed(
    client: Client, coordinator: User, hunter: District
) -> None:
    client.force_login(coordinator)
    sent = form_data(**FACTS, childstory_id="NEW1", district=hunter, caseworker="Jo Bloggs")
    with just_before_a_child_is_written(make_one_with_its_reference(hunter)):
        page = client.post(reverse("new-child"), sent)

    assert page.status_code == 422
    assert page.context["form"].non_field_errors() == [f"This was not saved: {WRITTEN_TWICE}"]
    assert "Jo Bloggs" in page.text
    assert client.post(reverse("new-child"), sent).status_code == 302


def test_an_import_says_why_the_database_refused(tmp_path: Path, hunter: District) -> None:
    path = write_csv(tmp_path, MINIMAL_ROW)
    for meanwhile, why in (
        (lambda _: make_child(hunter, childstory_id="AB1"), WRITTEN_TWICE),
        (make_one_with_its_reference(hunter), WRITTEN_TWICE),
    ):
        with just_before_a_child_is_written(meanwhile), pytest.raises(CommandError) as error:
            run_import(path, commit=True)
        assert str(error.value) == f"Nothing was written. Of one row, {why}"
    assert not Child.objects.exists()


LINES = "\r\n".join(["Said with care."] * 120)  # 2,038 as sent, 1,919 as the browser counts


def test_a_line_break_counts_once_and_is_stored_as_one(
    client: Client, coordinator: User, hunter: District
) -> None:
    assert len(LINES) > 2_000 > len(LINES.replace("\r\n", "\n"))
    child = make_child(hunter)
    client.force_login(coordinator)
    page = client.get(reverse("restrict-child", args=[child.pk]))
    assert "maxlength" not in page.text, "what is pasted is never cut without a word"
    client.post(reverse("restrict-child", args=[child.pk]), {"reasons": LINES})

    child.refresh_from_db()
    assert child.restricted_because == LINES.replace("\r\n", "\n")


def test_a_text_that_is_too_long_is_told_beside_its_field_and_not_cut(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter)
    client.force_login(coordinator)
    address = reverse("restrict-child", args=[child.pk])
    page = client.post(address, {"reasons": "x" * 2_001})
    assert page.status_code == 422
    assert "x" * 2_001 in page.text

    name = "y" * 81
    page = client.post(
        reverse("edit-child", args=[child.pk]), child_form_data(child, last_name=name)
    )
    assert page.status_code == 422
    assert f'value="{name}"' in page.text
    assert "at most 80 characters" in page.text
