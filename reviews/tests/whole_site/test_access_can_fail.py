"""The table of access finds what it is there to find: the guards taken away, its cells turn red."""

from __future__ import annotations

import pytest
from django.db import connection

from directory.models import User
from directory.models.people import Reach
from permanency.models import row_policies
from reviews.tests.whole_site.fixtures import SiteObjects
from reviews.tests.whole_site.routes import ROWS
from reviews.tests.whole_site.test_access import Walk, unfurnished, unlisted
from reviews.tests.whole_site.visitor import Visitor


@pytest.mark.urls("reviews.tests.whole_site.one_more_urls")
def test_an_address_that_is_not_in_the_table_is_found() -> None:
    assert unlisted() == {"forgotten", "with-a-number", "None"}
    assert unfurnished() == {"with-a-number"}


def without_the_second_fence() -> None:
    """Take the policies of PostgreSQL down: this is about the first fence alone."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in row_policies.tables_with_row_security(connection):
                row_policies.disable_row_security(connection, table)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["stranger"])
def test_with_scoping_off_a_hundred_cells_turn_red(
    who: str, no_scope: None, visitor: Visitor, house: SiteObjects
) -> None:
    without_the_second_fence()
    rows = [row for row in ROWS if row.whose == "PSP" and row.route != "take-step"]
    walk = Walk(who, visitor, house).over(rows)
    assert len(walk.wrong) >= 100
    assert sum("tells Quillon" in each for each in walk.wrong) > 10
    assert any("differs from what is not there" in each for each in walk.wrong)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["nobody"])
def test_with_every_role_held_by_everybody_cells_turn_red(
    who: str, visitor: Visitor, house: SiteObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_the_second_fence()
    everywhere = Reach(everywhere=True, district_ids=frozenset())
    monkeypatch.setattr(User, "reach", lambda self, roles, *, on: everywhere)
    rows = [row for row in ROWS if row.whose == "-" and row.answers[who] == "403"]
    walk = Walk(who, visitor, house).over(rows)
    assert len({each.partition(",")[0] for each in walk.wrong}) >= len(rows)
