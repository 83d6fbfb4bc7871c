"""What each address writes to the read log when it shows something, and what it did write.

An address that is not named here shows no case: what it answers must hold no name of a child. The
outbox and its mails hold case references, as mail does, and nothing else of a case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client

from consultations.models import Consultation, GoalChange
from directory.models import ReadEntry
from permanency.models import CareEpisode, CasePlanGoal, Child, CourtOrder
from reviews.models import GoalReview
from reviews.tests.whole_site.fixtures import (
    EVERY_NAME,
    FIRST_NAME,
    LAST_NAME,
    ROUTE_OBJECTS,
    SiteObjects,
)
from reviews.tests.whole_site.routes import RouteRow

SHOWING_CODES = {"200", "409", "422"}
NAMES = (FIRST_NAME.encode(), LAST_NAME.encode())
# Addresses whose pages name children by their references alone.
REFERENCES_ONLY = {"outbox", "mail", "person-reading"}

# One row for each answer, with the children on that page.
LISTS = {
    "children",
    "reviews",
    "changes-waiting",
    "no-clock",
    "approvals",
    "restricted-children",
    "name-from-list",
    "person-reading",
    "open-work",
}
# Likewise, where there is a child on the page at all.
LISTS_FOR_SOME = {"my-drafts", "my-work"}
# One row with the children of a calendar, the first time on a day that somebody reads it.
FEEDS = {"calendar-feed"}
# One row that names the child of the address.
RECORDS = {
    "child",
    "child-consultations",
    "child-reviews",
    "child-clock",
    "child-history",
    "child-seen",
    "edit-child",
    "child-access",
    "restrict-child",
    "name-person",
    "take-off-person",
    "lift-restriction",
    "open-goal",
    "mark-intensive",
    "record-achievement",
    "correct-achievement",
    "new-extension",
    "correct-extension",
    "correct-mark",
    "new-care-episode",
    "edit-care-episode",
    "new-court-order",
    "edit-court-order",
    "new-consultation",
    "consultation",
    "consultation-versions",
    "edit-consultation",
    "strike-consultation",
    "new-goal-change",
    "goal-change",
    "edit-goal-change",
    "mark-evidence",
    "take-step",
    "record-case-plan",
    "new-review",
    "review",
    "review-versions",
    "correct-review",
    "correct-review-date",
    "strike-review",
    "correct-goal",
}

LogRow = tuple[str, str, int | None]


@dataclass(frozen=True)
class Visit:
    """One answer, and the rows of the read log that came with it."""

    code: str
    body: bytes
    rows: list[ReadEntry]

    @property
    def told(self) -> list[LogRow]:
        """Return kind, route and child of each row."""
        return [(row.kind, row.route, row.child_number) for row in self.rows]

    @property
    def children(self) -> set[int]:
        """Return the numbers of the children that the rows name."""
        numbers = {row.child_number for row in self.rows if row.child_number}
        return numbers.union(*(row.shown for row in self.rows))

    def references_on_page(self, references: dict[bytes, int]) -> set[int]:
        """Return the numbers of the children whose references stand in the answer."""
        return {number for reference, number in references.items() if reference in self.body}

    def children_on_page(self, references: dict[bytes, int]) -> set[int]:
        """Return the same with those that are named by a link alone, as on My work."""
        linked = set(map(int, re.findall(rb'href="/children/(\d+)/"', self.body)))
        return self.references_on_page(references) | linked & set(references.values())


def visit(client: Client, method: str, address: str, sent: str = "") -> Visit:
    """Return the answer to one request and what it wrote; what a POST did is undone."""
    kind = "application/x-www-form-urlencoded"
    cookies = client.cookies.output(header="")
    last = ReadEntry.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    with transaction.atomic():
        answer = client.generic(method, address, sent, content_type=kind)
        rows = list(ReadEntry.objects.filter(pk__gt=last).order_by("pk"))
        transaction.set_rollback(method != "GET")
    client.cookies.clear()
    client.cookies.load(cookies)  # whoever signed out is signed in again
    return Visit(str(answer.status_code), answer.content, rows)


def expected_log_rows(row: RouteRow, code: str, house: SiteObjects, body: bytes) -> list[LogRow]:
    """Return the rows that an answer with this status should have written."""
    if code not in SHOWING_CODES:
        return []
    if row.route in RECORDS:
        return [("record", row.route, child_of(row, house))]
    if row.route in FEEDS:
        return [("feed", row.route, None)]
    if row.route in LISTS or (row.route in LISTS_FOR_SOME and any(n in body for n in EVERY_NAME)):
        return [("list", row.route, None)]
    return []


def child_of(row: RouteRow, house: SiteObjects) -> int:
    """Return the number of the child behind the object in an address."""
    whose, _, word = row.about.partition(" ")
    needs = ROUTE_OBJECTS[row.route]
    asked = needs.get("pk") or needs.get("?child") or needs["?consultation"]
    wanted = asked.format(word).strip()
    key = house.sets[whose][wanted]
    if "child" in wanted:
        return key
    return _child_behind(wanted, key)


def _child_behind(wanted: str, key: int) -> int:
    models: dict[str, type[Any]] = {
        "care episode": CareEpisode,
        "goal": CasePlanGoal,
        "court order": CourtOrder,
        "review": GoalReview,
    }
    if wanted not in models:
        models[wanted] = Consultation if "consultation" in wanted else GoalChange
    return int(models[wanted]._base_manager.get(pk=key).child_id)


def references() -> dict[bytes, int]:
    """Return the number of every child by its reference."""
    return {ref.encode(): pk for ref, pk in Child.objects.values_list("reference", "pk")}


def read_log_faults(
    row: RouteRow, seen: Visit, house: SiteObjects, known: dict[bytes, int]
) -> list[str]:
    """Return what is wrong with what an answer wrote to the log; nothing where it is right."""
    wrong = []
    wanted = expected_log_rows(row, seen.code, house, seen.body)
    if seen.told != wanted:
        wrong.append(f"{row}: {seen.code} wrote {seen.told}, expected {wanted}")
    if any(name in seen.body for name in EVERY_NAME) and not seen.rows:
        wrong.append(f"{row}: {seen.code} names a child, and nothing is logged")
    unlogged = seen.references_on_page(known) - seen.children
    if unlogged and row.route not in REFERENCES_ONLY:
        wrong.append(f"{row}: {seen.code} shows children {unlogged} whose reading is not logged")
    return wrong
