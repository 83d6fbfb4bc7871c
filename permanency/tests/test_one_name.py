"""People with one name: registered by form and by file, and shown without a gap."""

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from directory.models import District, User
from directory.tests.people import make_person
from permanency.models import Child
from permanency.tests.answers import child_form_data, form_data
from permanency.tests.factories import BORN_ON, make_child
from permanency.tests.import_files import MINIMAL_ROW, run_import, write_csv

pytestmark = pytest.mark.dialect

FACTS = {"born_on": BORN_ON, "aboriginal_status": "neither", "cald": "no", "case_managed_by": "DCJ"}


@pytest.mark.parametrize("name", ["first_name", "last_name"])
def test_a_child_with_one_name_is_registered_found_and_shown(
    client: Client, coordinator: User, hunter: District, name: str
) -> None:
    client.force_login(coordinator)
    sent = form_data(**FACTS, childstory_id="ONE1", district=hunter, **{name: "Suharto"})
    page = client.post(reverse("new-child"), sent, follow=True)
    child = Child.objects.get()

    assert page.status_code == 200
    assert (child.name, child.folded_name) == ("Suharto", "suharto")
    assert "<h1>Suharto</h1>" in page.text
    assert ">Suharto</a>" in client.get(reverse("children")).text
    found = client.post(reverse("find-child"), {"who": "suharto"}, follow=True)
    assert ">Suharto</a>" in found.text


def test_a_name_may_be_taken_away_but_not_both(
    client: Client, coordinator: User, hunter: District
) -> None:
    child = make_child(hunter, first_name="Robin", last_name="Unknown")
    client.force_login(coordinator)
    address = reverse("edit-child", args=[child.pk])
    assert client.post(address, child_form_data(child, last_name="")).status_code == 302
    child.refresh_from_db()
    assert (child.name, child.last_name) == ("Robin", "")

    page = client.post(address, child_form_data(child, first_name=""))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["first_name"]
    with pytest.raises(IntegrityError, match="a_child_has_a_name"), transaction.atomic():
        Child.objects.update(first_name="")


@pytest.mark.parametrize("empty", ["FIRST_NAME", "LAST_NAME"])
def test_a_file_names_a_child_by_one_name(tmp_path: Path, hunter: District, empty: str) -> None:
    names = {"FIRST_NAME": "Suharto", "LAST_NAME": "Suharto", empty: ""}
    path = write_csv(tmp_path, {**MINIMAL_ROW, **names})

    assert "New: 1" in run_import(path, commit=True)
    child = Child.objects.get()
    assert child.name == "Suharto"
    assert (child.first_name, child.last_name) == (names["FIRST_NAME"], names["LAST_NAME"])
    assert "Same: 1" in run_import(path, commit=True)
    run_import(
        write_csv(tmp_path, {**MINIMAL_ROW, "FIRST_NAME": "A", "LAST_NAME": "B"}), commit=True
    )
    assert "Same: 1" in run_import(path.parent / "children.csv"), "an empty cell removes nothing"


def test_an_export_leaves_the_other_cell_empty(
    client: Client, coordinator: User, hunter: District
) -> None:
    make_child(hunter, first_name="", last_name="Suharto")
    client.force_login(coordinator)
    sent = {"reason": "For the meeting of the district", "file_format": "csv"}
    lines = client.post(reverse("export-children"), sent).content.decode("utf-8-sig").splitlines()

    assert ',"","Suharto",' in lines[-1]


def test_a_person_with_one_name_is_added_listed_and_found(
    client: Client, administrator: User
) -> None:
    make_person("Suharto")
    client.force_login(administrator)

    assert ">Suharto</a>" in client.get(reverse("people"), {"name": "suharto"}).text
    added = {"name": "Plato", "email": "plato@example.org"}
    assert client.post(reverse("new-person"), added, follow=True).status_code == 200
    person = User.objects.get(name="Plato")
    assert "Plato" in client.get(reverse("person", args=[person.pk])).text
