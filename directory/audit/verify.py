"""Walks the chains of the history and names the first bad entry of each, and why."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Func, TextField
from django.db.models.functions import Cast

from directory.audit.services import redaction_history_fields
from directory.history.chain import DIGEST_FIELDS, chain_name, content_digest, entry_digest
from directory.models import HistoryEntry, HistoryHead, HistoryHeadOfDay, Redaction
from directory.models.history import BEGINNING

AT_A_TIME = 2_000
# How every database spells an empty object.
EMPTY_OBJECT = "{}"
# A head as it stands in a mail; a mail programme may have broken or quoted the line.
HEAD_PATTERN = re.compile(
    r"(?P<on>\d{4}-\d\d-\d\d)[\s>]+(?P<chain>district-\d+|no-district)[\s>]+(?P<sequence>\d+)[\s>]+"
    r"(?P<digest>[0-9a-f]{64})"
)

CHANGED = "changed"
MISSING = "missing"
OUT_OF_ORDER = "out of order"
HEAD_TOO_SHORT = "head too short"


@dataclass(frozen=True)
class ChainFault:
    place: str
    sort: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sort}. {self.why}"


@dataclass(frozen=True)
class ChainHead:
    chain: str
    sequence: int
    digest: str
    source: str


@dataclass
class VerificationResult:
    lengths: dict[str, int] = field(default_factory=dict)
    faults: list[ChainFault] = field(default_factory=list)


# Checks by other apps of what else must agree with the history.
extra_checks: list[Callable[[], Iterable[ChainFault]]] = []


def heads_in_mail(text: str) -> list[ChainHead]:
    return [
        ChainHead(
            each["chain"], int(each["sequence"]), each["digest"], f"the head mailed on {each['on']}"
        )
        for each in HEAD_PATTERN.finditer(text)
    ]


@transaction.atomic
def verify(mailed: Iterable[ChainHead] = ()) -> VerificationResult:
    """Check every chain; no faults where nothing was changed since the heads were mailed."""
    found = VerificationResult()
    heads = _heads_by_chain(mailed)
    redacted = frozenset(Redaction.objects.values_list("entry", flat=True))
    walked: dict[str, _ChainCheck] = {}
    columns = (*DIGEST_FIELDS, "before", "after", "note", "salt", "digest", "pk")
    rows = HistoryEntry.objects.order_by("chain", "sequence", "pk")
    texts = (AS_TEXT.get(name, name) for name in columns)
    for row in rows.values_list(*texts).iterator(chunk_size=AT_A_TIME):
        chain = row[0]
        if chain not in walked:
            walked[chain] = _ChainCheck(chain, heads.get(chain, {}), redacted)
        walked[chain].step(row)
    for chain in sorted({*walked, *heads}):
        walk = walked.get(chain) or _ChainCheck(chain, heads[chain], redacted)
        walk.end()
        found.lengths[chain] = walk.sequence
        if walk.fault is not None:
            found.faults.append(walk.fault)
    found.faults += _redaction_faults()
    for check in extra_checks:
        found.faults += check()
    return found


class _Moment(Func):
    """A moment as the text that is hashed; written by the database, which is quicker at it."""

    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, Any]:
        wanted = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US+00:00')"
        return self.as_sql(compiler, connection, template=wanted, **options)

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, Any]:
        # A text of another length is left as somebody wrote it.
        wanted = (
            "CASE length(%(expressions)s)"
            " WHEN 26 THEN replace(%(expressions)s, ' ', 'T') || '+00:00'"
            " WHEN 19 THEN replace(%(expressions)s, ' ', 'T') || '.000000+00:00'"
            " ELSE %(expressions)s END"
        )
        return self.as_sql(compiler, connection, template=wanted, **options)


AS_TEXT: dict[str, Func] = {
    "at": _Moment("at"),
    **{name: Cast(name, TextField()) for name in ("on", "before", "after")},
}


def _heads_by_chain(mailed: Iterable[ChainHead]) -> dict[str, dict[int, list[ChainHead]]]:
    heads: dict[str, dict[int, list[ChainHead]]] = defaultdict(lambda: defaultdict(list))
    kept = (
        ChainHead(each.chain, each.sequence, each.digest, f"the head kept on {each.on}")
        for each in HistoryHeadOfDay.objects.all()
    )
    now = (
        ChainHead(each.chain, each.sequence, each.digest, "the head of the chain")
        for each in HistoryHead.objects.filter(sequence__gt=0)
    )
    for head in (*mailed, *kept, *now):
        heads[head.chain][head.sequence].append(head)
    return heads


class _ChainCheck:
    def __init__(
        self, chain: str, heads: dict[int, list[ChainHead]], redacted: frozenset[int]
    ) -> None:
        self.chain = chain
        self.heads = heads
        self.redacted = redacted
        self.sequence = 0
        self.digest = BEGINNING
        self.fault: ChainFault | None = None

    def step(self, row: tuple[Any, ...]) -> None:
        if self.fault is not None:
            return
        sealed, digest, key = row[: len(DIGEST_FIELDS)], row[-2], row[-1]
        expected, self.sequence = self.sequence + 1, row[1]
        if self.sequence != expected:
            self._missing_or_twice(expected)
        elif why := self._why_changed(row):
            self._fail(CHANGED, why)
        elif entry_digest(self.digest, *sealed) != digest:
            self._fail(*self._why_it_does_not_follow(key))
        self.digest = digest
        for head in self.heads.get(self.sequence, ()):
            if self.fault is None and head.digest != digest:
                self._fail(CHANGED, f"It, or one before it, is not what {head.source} says.")

    def _missing_or_twice(self, expected: int) -> None:
        if self.sequence > expected:
            self.sequence = expected
            self._fail(MISSING, "No entry stands at this place.")
        else:
            self._fail(OUT_OF_ORDER, "Two entries stand at this place.")

    def _why_changed(self, row: tuple[Any, ...]) -> str:
        before, after, note, salt, _, key = row[len(DIGEST_FIELDS) :]
        if self.chain != chain_name(row[DIGEST_FIELDS.index("district_id")]):
            return "It names another district than that of its chain."
        if key in self.redacted:
            is_blank = before == after == EMPTY_OBJECT and not (note or salt)
            return "" if is_blank else "It is redacted, and says something."
        old, new = ({} if each == EMPTY_OBJECT else json.loads(each) for each in (before, after))
        if content_digest(salt, old, new, note) != row[len(DIGEST_FIELDS) - 1]:
            return "What it says is not what was written."
        return ""

    def _why_it_does_not_follow(self, key: int) -> tuple[str, str]:
        earlier = HistoryEntry.objects.filter(
            chain=self.chain, sequence__gt=self.sequence, pk__lt=key
        )
        if earlier.exists():
            return OUT_OF_ORDER, "An entry that was written before it stands behind it."
        return CHANGED, "It does not follow from the one before it."

    def end(self) -> None:
        if self.fault is not None:
            return
        longest = max(self.heads, default=0)
        if longest > self.sequence:
            source = self.heads[longest][0].source
            self.sequence += 1
            self._fail(MISSING, f"The chain ends before it, and {source} says {longest} entries.")
            self.sequence -= 1
        now = HistoryHead.objects.filter(chain=self.chain).first()
        if self.fault is None and (now is None or now.sequence < self.sequence):
            said = now.sequence if now else 0
            self._fail(HEAD_TOO_SHORT, f"The head of the chain says {said} entries.")

    def _fail(self, sort: str, why: str) -> None:
        self.fault = ChainFault(f"{self.chain}/{self.sequence}", sort, why)


def _redaction_faults() -> Iterator[ChainFault]:
    redactions = Redaction.objects.select_related("decided_by", "done_by")
    # Entries by their keys: a join would trust the planner with all of the history for a few rows.
    for each in redactions.prefetch_related("entry", "told_by"):
        if each.told_by.after != redaction_history_fields(each):
            why = f"The redaction of {each.entry.place} is not what this entry says of it."
            yield ChainFault(each.told_by.place, CHANGED, why)
