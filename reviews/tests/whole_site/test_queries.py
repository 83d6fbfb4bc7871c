"""Every page is built from few queries, and from no more for two hundred rows than for a few."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import User
from directory.tests.questions import MAX_QUERIES, PageQueries
from permanency.models import Child
from reviews.tests.whole_site.fixtures import LAST_NAME, SiteObjects
from reviews.tests.whole_site.many_rows import CHILDREN, add_many_rows
from reviews.tests.whole_site.routes import PEOPLE, ROWS, SIMILAR_PEOPLE

# Those without a goal are asked for where those with one do not fill the page.
FEWER_WHERE_FULL = {"GET children (-)"}


def _queries(client: Client, house: SiteObjects, who: str) -> dict[str, list[str]]:
    """Return the queries of each page that the person may open, and of each form at fault."""
    asked = {}
    for row in ROWS:
        if row.answers[who] not in {"200", "422"}:
            continue
        with PageQueries() as captured:
            answer = client.generic(row.method, house.address(row))
        assert str(answer.status_code) == row.answers[who], row
        asked[str(row)] = captured.asked
    found = client.post(reverse("find-child"), {"who": LAST_NAME})
    if found.status_code == 302:
        with PageQueries() as captured:
            client.get(found["Location"])
        asked["GET find-child, with answers"] = captured.asked
    return asked


@pytest.mark.slow
@pytest.mark.parametrize(
    "who", [who for who in PEOPLE if who not in {"anonymous", *SIMILAR_PEOPLE}]
)
def test_pages_take_few_queries_and_no_more_where_there_are_many_rows(
    who: str, client: Client, house: SiteObjects, people: dict[str, User]
) -> None:
    client.force_login(people[who])
    few = _queries(client, house, who)
    add_many_rows(house)
    assert Child.objects.count() > CHILDREN
    many = _queries(client, house, who)
    wrong = []
    for page, queries in many.items():
        fewer = len(few[page]) - len(queries)
        if len(queries) > MAX_QUERIES or fewer not in ({0, 1} if page in FEWER_WHERE_FULL else {0}):
            wrong.append(f"{page}: {len(few[page])} queries for few rows, {len(queries)} for many")
            wrong += [f"    {query}" for query in queries if query not in few[page]][:8]
    assert not wrong, "\n".join(["", *wrong])
