"""Who looks at which pages in a browser: each page as somebody who uses it.

Each page of the access table is looked at by the first person of the table who may open it, and
what everybody has in common by all of them. Forms at fault are looked at as well, and the pages
that only an act leads to.
"""

from __future__ import annotations

from reviews.tests.whole_site.routes import PEOPLE, ROWS, RouteRow

# Who of the table is who in the demonstration.
DEMO_EMAILS = {
    "coordinator": "pc.hunter@example.org",
    "cfdu": "cfdu.hunter@example.org",
    "casework_manager": "mcw.hunter@example.org",
    "district_manager": "manager.hunter@example.org",
    "mpp": "mpp@example.org",
    "contract_manager": "contracts.hunter@example.org",
    "administrator": "admin@example.org",
    "stranger": "pc.sydney@example.org",
}
# What each person who may open it looks at: these pages differ from role to role.
COMMON_PAGES = {
    "my-work",
    "children",
    "reviews",
    "changes-waiting",
    "no-clock",
    "approvals",
    "dashboards",
    "dashboard",
    "forecast",
    "outbox",
    "child",
    "goal-change",
}
# What a browser sends here is complete without an answer, so that the form is not at fault.
COMPLETE_FORMS = {"PSP propose", "PSP endorse", "PSP start_again"}
# Without a factor there is no form here, nor without a draft.
WITHOUT_FORM = {"my-drafts", "recovery-codes"}
# Somebody who is new: no factor, nothing read or typed; a draft, of which no version is on the
# record; and the page of all parts, among them the one of an empty list.
MAY_BE_EMPTY = {
    ("design", "-"),
    ("my-drafts", "-"),
    ("your-account", "-"),
    ("recovery-codes", "-"),
    ("person-reading", "-"),
    ("consultation-versions", "PSP draft"),
}


def _may_open(who: str) -> list[RouteRow]:
    return [row for row in ROWS if row.method == "GET" and row.answers[who] == "200"]


def _first(row: RouteRow) -> str:
    return next(who for who in PEOPLE if row.answers[who] == "200")


def pages_of(who: str) -> list[RouteRow]:
    """Return the pages that this person looks at. DCJ's cases are its Manager Casework's."""
    whose = "PSP" if who == "casework_manager" else "DCJ"
    return [
        row
        for row in _may_open(who)
        if not row.about.startswith(whose)
        and (_first(row) == who or (row.route in COMMON_PAGES and _is_plain(row)))
    ]


def _is_plain(row: RouteRow) -> bool:
    return row.route != "goal-change" or row.about.endswith("endorsed")


def forms_of(who: str) -> list[RouteRow]:
    """Return the pages whose form this person sends without a single answer."""
    asks = {(row.route, row.about) for row in ROWS if row.answers[who] in {"422", "409"}}
    return [
        row
        for row in pages_of(who)
        if (row.route, row.about) in asks
        and row.about not in COMPLETE_FORMS
        and row.route not in WITHOUT_FORM
    ]
