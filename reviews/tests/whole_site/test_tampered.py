"""What a form does not offer is refused, and what it does not ask for is ignored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from directory.models import District, Office, Provider, User
from reviews.tests.whole_site.fixtures import SiteObjects
from reviews.tests.whole_site.form_values import NO_HISTORY, form_case_at
from reviews.tests.whole_site.routes import RouteRow
from reviews.tests.whole_site.submit import changed_tables, rollback, submit_form, tables
from reviews.tests.whole_site.test_acts import PAGES, bodies

TAMPERED_BY = ("coordinator", "cfdu", "administrator")
REFUSED = {404, 409, 422}
ROWS_BY_KEY = {"place", "district", "districts", "inbox"}  # fields that offer rows as words
NOBODYS = "987654321"  # the number of a row that is not there, and no word that any choice is


def rows_not_offered(field: forms.ModelChoiceField) -> list[str]:  # type: ignore[type-arg]  # of any model
    """Return the numbers of rows that are there and that a field does not offer."""
    assert field.queryset is not None
    offered = set(field.queryset.values_list("pk", flat=True))
    every = field.queryset.model._base_manager.order_by("pk").values_list("pk", flat=True)
    return [str(pk) for pk in every if pk not in offered]


def tampered(form: forms.Form, row: RouteRow) -> Iterator[tuple[str, str]]:
    """Give each field that says which row is meant with what was not offered for it.

    One choice of words is tried with a wrong word too; the version that was read, where there is
    one to have read.
    """
    words = 0
    for name, field in form.fields.items():
        if isinstance(field, forms.ModelChoiceField):
            yield from ((name, pk) for pk in [*rows_not_offered(field)[:4], NOBODYS])
        elif isinstance(field, forms.ChoiceField):
            words += 1
            if words == 1 or name in ROWS_BY_KEY:
                yield name, NOBODYS
        elif name == "version" and not row.route.startswith("new-"):
            yield name, NOBODYS


@pytest.fixture
def rows_elsewhere(house: SiteObjects) -> tuple[Office, Provider]:
    """Return an office and a provider of another district."""
    sydney = District.objects.get(slug="sydney")
    provider: Provider = Provider.objects.create(name="Faraway Care")
    provider.districts.add(sydney)
    return Office.objects.create(name="Faraway", district=sydney), provider


def _form_at(client: Client, address: str) -> forms.Form | None:
    context = client.get(address).context
    form = context.get("form") if context is not None else None
    return form if isinstance(form, forms.Form) else None


@pytest.mark.slow
@pytest.mark.parametrize("who", TAMPERED_BY)
@pytest.mark.usefixtures("rows_elsewhere")
def test_a_choice_that_was_not_offered_is_refused(
    who: str, client: Client, house: SiteObjects, people: dict[str, User]
) -> None:
    """Offices, providers and people of other districts among them, and nothing at all changes."""
    client.force_login(people[who])
    wrong, tried, real = [], set(), 0
    for row, body in bodies(client, house, who):
        address = house.address(row)
        form = _form_at(client, address) if (row.route, row.about) in PAGES else None
        if row.whose == "DCJ" or form is None:
            continue
        for name, value in tampered(form, row):
            tried.add((row.route, name))
            real += value != NOBODYS
            # A page that shows the effect first is sent on to be saved, as a person would.
            with rollback():
                done = submit_form(client, address, body | {form.add_prefix(name): [value]})
            if done.status not in REFUSED or done.changed:
                wrong.append(f"{row}: {name}={value} {done.status}, {done.changed}")
    assert not wrong, "\n".join(["", *wrong])
    assert len(tried) >= {"coordinator": 20, "cfdu": 2, "administrator": 10}[who]
    assert real > 0 or who != "coordinator"


@pytest.mark.slow
def test_a_row_of_another_child_beside_ones_own_is_not_there(
    client: Client, house: SiteObjects, coordinator: User
) -> None:
    """The number of a child that one may change, and the number of a row of somebody else's."""
    client.force_login(coordinator)
    own, before = house.sets["PSP"]["restricted child"], tables()
    for whose in ("away", "DCJ"):
        address = reverse("take-off-person", args=[own, house.sets[whose]["naming"]])
        answer = client.post(address, {"reasons": "Said with care."})
        assert answer.status_code == 404
        assert not changed_tables(before, tables())


def extra(house: SiteObjects, people: dict[str, User], row: RouteRow) -> dict[str, str]:
    """Return what no form asks for: somebody else's name on the act, another child, a status."""
    somebody, child = str(people["nobody"].pk), str(house.sets["away"]["child"])
    by = ("by", "approved_by", "endorsed_by", "recorded_by", "restricted_by", "owner", "author")
    fields = {name: somebody for each in by for name in (each, f"{each}_id")}
    status = "declined" if row.word == "withdraw" else "withdrawn"
    told = {"status": status, "is_staff": "1", "is_superuser": "1", "restricted_on": "2020-01-01"}
    return fields | told | {"child": child, "child_id": child, "child_number": child}


@pytest.mark.slow
@pytest.mark.parametrize("who", TAMPERED_BY)
def test_what_no_form_asks_for_is_ignored(
    who: str, client: Client, house: SiteObjects, people: dict[str, User]
) -> None:
    """The act changes what it is for and no more, and none of the words sent on stands anywhere."""
    client.force_login(people[who])
    wrong, done = [], 0
    for row, body in bodies(client, house, who):
        act, more = form_case_at(row), extra(house, people, row)
        if row.whose == "DCJ" or act is None:
            continue
        added = {name: [value] for name, value in more.items() if name not in body}
        with rollback():
            came = submit_form(client, house.address(row), body | added)
        history = set() if row.route in NO_HISTORY else {"+HistoryEntry"}
        told = came.changed - {"+Notice", "Notice"}
        if (came.leads_to, told) != (act.leads_to, set(act.changes.split()) | history):
            wrong.append(f"{row}: {came.status} {came.leads_to} {told} {came.errors}")
        took = {each for each in came.written if each[1:] in set(more.items())}
        wrong += [f"{row}: took {took}"] if took else []
        done += 1
    assert not wrong, "\n".join(["", *wrong])
    assert done > 3
