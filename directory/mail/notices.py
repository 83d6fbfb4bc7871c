"""What inboxes are owed: services and the tick post notices here, and settle them.

A notice carries a text key and a child's number, so this module knows nothing above the directory.
Whoever changes a fact posts and settles in the same transaction. No mail server is spoken to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, TypedDict, Unpack

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from directory.models import District, Inbox, Notice
from directory.places.services import fallback_inbox

BATCH = 1_000
# What is there stays as it is, unless it was settled before its inbox was told of it.
POST = """
INSERT INTO directory_notice ({columns}) {query}
ON CONFLICT (kind, occurrence, threshold, inbox_id) DO UPDATE
SET settled_at = NULL, is_covered = FALSE, owed_on = excluded.owed_on, why = excluded.why
WHERE directory_notice.settled_at IS NOT NULL AND directory_notice.mail_id IS NULL
"""


class NoticeSubject(TypedDict, total=False):
    child_number: int | None
    reference: str
    about_on: date | None
    why: str


class NoticeRow(NamedTuple):
    kind: str
    occurrence: str
    inbox_id: int
    district_id: int
    path: str
    owed_on: date
    threshold: str = ""
    child_number: int | None = None
    reference: str = ""
    about_on: date | None = None
    why: str = ""
    is_covered: bool = False


def inbox_of(district: District, *, on: date, fallback: Inbox | None = None) -> Inbox:
    """Return the inbox that serves a district on this day, or the fallback where none does."""
    inbox = district.inbox
    if inbox is None or (inbox.retired_on is not None and inbox.retired_on <= on):
        return fallback or fallback_inbox(on=on)
    return inbox


def inbox_in_sql(district: str, *, fallback: Inbox, on: date) -> Case:
    """Return the inbox as `inbox_of` chooses it, for rows; `district` is the path to theirs."""
    retired_on = f"{district}__inbox__retired_on"
    serves = Q(**{f"{district}__inbox__isnull": False}) & (
        Q(**{retired_on: None}) | Q(**{f"{retired_on}__gt": on})
    )
    return Case(When(serves, then=F(f"{district}__inbox")), default=Value(fallback.pk))


def sent_or_owed() -> QuerySet[Notice, tuple[Any, ...]]:
    """Return what inboxes were told or are owed: the matter, the inbox, and from which day."""
    notices = Notice.objects.sent_or_owed().order_by()
    return notices.values_list("occurrence", "inbox", "owed_on")


@transaction.atomic
def post(
    kind: str,
    occurrence: str,
    *,
    district: District,
    path: str,
    owed_on: date,
    threshold: str = "",
    **about: Unpack[NoticeSubject],
) -> Notice:
    """Return the notice that the district's inbox is owed, written or owed again now."""
    notice, _ = Notice.objects.get_or_create(
        kind=kind,
        occurrence=occurrence,
        threshold=threshold,
        inbox=inbox_of(district, on=owed_on),
        defaults={"district": district, "path": path, "owed_on": owed_on, **about},
    )
    if notice.settled_at is not None and notice.mail_id is None:
        notice.settled_at = None
        notice.save(update_fields=["settled_at"])
    return notice


def post_many(rows: Sequence[NoticeRow]) -> int:
    """Write the notices in few statements, or owe them again, and return how many."""
    day = connection.ops.adapt_datefield_value
    place = f"({', '.join(['%s'] * len(NoticeRow._fields))})"
    written = 0
    for first in range(0, len(rows), BATCH):
        some = rows[first : first + BATCH]
        values = [day(value) if isinstance(value, date) else value for row in some for value in row]
        written += post_from_query(f"VALUES {', '.join([place] * len(some))}", values)
    return written


def post_from_query(query: str, values: Sequence[Any]) -> int:
    """Write the notices that a query gives, in the columns of `NoticeRow`, and return how many."""
    statement = POST.format(columns=", ".join(NoticeRow._fields), query=query)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def settle(*prefixes: str) -> int:
    """Settle the open notices of the matters that start so, and return how many."""
    matters = Q()
    for prefix in prefixes:
        matters |= Q(occurrence__startswith=prefix)
    if not prefixes:
        return 0
    return Notice.objects.filter(matters, settled_at=None).update(settled_at=Now())


def redirect(notice: Notice, *, inbox_id: int, district_id: int) -> None:
    """Give an unsent notice to the inbox that serves its matter now, unless that is owed it too."""
    unsent = Notice.objects.unsent().filter(pk=notice.pk)
    owed_there = Notice.objects.filter(
        kind=notice.kind,
        occurrence=notice.occurrence,
        threshold=notice.threshold,
        inbox=inbox_id,
    )
    if owed_there.exclude(pk=notice.pk).exists():
        unsent.update(settled_at=Now())
    else:
        unsent.update(inbox=inbox_id, district=district_id)
