"""The second fence: with `visible_to` switched off, PostgreSQL itself hides what is not theirs.

The scope of the application answers everything here, as if each queryset said `return self.all()`.
That the fence alone holds is told by the last test: without the policies the same walk finds names.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from consultations.models import GoalChange
from consultations.tests.cases import TODAY
from directory.database import row_security
from directory.models import User
from permanency.access import services as restrictions
from permanency.models import Child, row_policies
from reviews.models import GoalReview
from reviews.tests.whole_site.fixtures import EVERY_NAME, SiteObjects
from reviews.tests.whole_site.routes import ROWS

pytestmark = [pytest.mark.services, pytest.mark.slow, pytest.mark.usefixtures("bound_role")]
OUTSIDERS = ("stranger", "contract_manager", "administrator", "nobody")
CASES = {"permanency", "consultations", "reviews"}


def walk(client: Client, house: SiteObjects, person: User, kept: frozenset[bytes]) -> list[str]:
    """Return the pages on which this person is shown a name that is kept from them."""
    client.force_login(person)
    slips = []
    for row in ROWS:
        if row.method != "GET":
            continue
        answer = client.get(house.address(row))
        text = answer.content + str(answer.headers).encode()
        if any(name in text for name in kept & EVERY_NAME):
            slips.append(f"{row}: {answer.status_code}")
    return slips


def restrict_every_child(by: User) -> None:
    for child in Child.objects.filter(district__slug="hunter", restricted_on=None):
        restrictions.restrict(child, reasons="A relative works here.", by=by, on=TODAY)


def test_without_the_first_fence_nobody_outside_meets_a_name(
    no_scope: None,
    client: Client,
    house: SiteObjects,
    people: dict[str, User],
    second_coordinator: User,
) -> None:
    for who in OUTSIDERS:
        assert not walk(client, house, people[who], house.hidden_words(who)), who
    # Everybody's district, and yet: who is not named does not see a restricted child.
    restrict_every_child(people["coordinator"])
    of_hunter = (
        house.identifying_words["PSP"]
        | house.identifying_words["DCJ"]
        | house.identifying_words["restricted"]
    )
    for person in (second_coordinator, people["mpp"]):
        assert not walk(client, house, person, of_hunter), person
    shown = walk(client, house, people["coordinator"], of_hunter)
    assert len(shown) > 20, "the named one is shown them"


def test_without_either_fence_the_same_walk_finds_names(
    no_scope: None, client: Client, house: SiteObjects, people: dict[str, User]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE; SET CONSTRAINTS ALL IMMEDIATE")
        for table in row_policies.tables_with_row_security(connection):
            row_policies.disable_row_security(connection, table)
    assert len(walk(client, house, people["stranger"], house.hidden_words("stranger"))) > 20


def test_a_stranger_reads_no_row_in_plain_sql(house: SiteObjects, people: dict[str, User]) -> None:
    fill_what_stands_empty(house, people["coordinator"])
    tables = row_policies.tables_with_row_security(connection)
    assert all(tables_with_rows(tables).values()), "each has a row to be hidden"
    with row_security.as_person(people["neighbour"].pk, TODAY):
        assert not any(tables_with_rows(tables).values())
    with row_security.as_person(None, TODAY):
        assert not any(tables_with_rows(tables).values()), "nobody told, no rows"
    with row_security.as_person(people["coordinator"].pk, TODAY):
        assert all(tables_with_rows(tables).values())


def fill_what_stands_empty(house: SiteObjects, coordinator: User) -> None:
    objects = house.sets["PSP"]
    GoalChange.objects.get(pk=objects["endorsed change"]).asked_for_by.add(coordinator)
    GoalReview.objects.get(pk=objects["review"]).actions.add(objects["action"])


def tables_with_rows(tables: list[str]) -> dict[str, int]:
    """Return how many rows with a child behind them each table shows."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            only = "WHERE child_number IS NOT NULL" if table == "directory_historyentry" else ""
            cursor.execute(f"SELECT count(*) FROM {table} {only}")  # noqa: S608  # our own tables
            found[table] = cursor.fetchone()[0]
    return found


def test_every_table_with_a_child_behind_it_is_fenced() -> None:
    of_cases = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in CASES
    }
    without_a_child = {
        "permanency_ruleversion",
        "permanency_rulestakeneffect",
        "reviews_districtsummary",
    }
    expected = of_cases - without_a_child | {"directory_historyentry"}
    assert set(row_policies.tables_with_row_security(connection)) == expected
