"""Keeps what people type until it is saved, and remembers which sheets were acted on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Aggregate, Exists, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import QueryDict
from django.utils.crypto import salted_hmac

from directory.forms.show_then_save import SEEN
from directory.forms.submission_token import DRAFT_LIFETIME, FIELD_NAME, SubmissionToken
from directory.models import KeptText, SentSheet, User

MOST_CHARACTERS = 300_000
MOST_FORMS = 40
A_SECOND = timedelta(seconds=1)
# A sheet is acted on for a day at most; after that nobody needs to know that it was.
SUBMISSION_LIFETIME = timedelta(days=3)
FIELDS_NOT_TYPED = frozenset({"csrfmiddlewaretoken", FIELD_NAME, SEEN})
SECRET_WORDS = ("password", "secret", "otp")

Content = dict[str, list[str]]


@dataclass(frozen=True)
class FormDraft:
    """What waits in one form, by field, and since when."""

    form: str
    content: Content
    saved_at: datetime


class _JsonList(Aggregate):
    """All the rows as one list."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return the SQL by the name that SQLite has for it."""
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **extra)


def content_from_post(sent: QueryDict) -> Content:
    """Return what was typed, by field: no token, no password, and no NUL, which JSON refuses."""
    return {
        name.replace("\x00", ""): [text.replace("\x00", "") for text in texts]
        for name, texts in sent.lists()
        if name not in FIELDS_NOT_TYPED and not any(word in name.lower() for word in SECRET_WORDS)
    }


def fingerprint(content: Mapping[str, list[str]]) -> str:
    """Return what tells these words from others."""
    told = json.dumps(content, sort_keys=True)
    return salted_hmac("directory.typed", told, algorithm="sha256").hexdigest()


def save_draft(
    token: SubmissionToken,
    content: Content,
    *,
    at: datetime,
    of_this_sheet: bool = True,
    is_theirs: bool = True,
) -> bool:
    """Keep the words for the person whom the token names; say whether they are kept.

    They are not where they are too many, and where that person no longer signs in. Nor, where it
    is not that person who is signed in, in place of what came later from another sheet. Of more
    than `MOST_FORMS` forms of a person the oldest goes.
    """
    if _character_count(content) > MOST_CHARACTERS:
        return False
    if not User.objects.filter(pk=token.person, is_active=True).exists():
        return False
    if not is_theirs and _has_later_draft(token):
        return False
    kept = KeptText(
        person_id=token.person,
        form=token.form,
        content=content,
        sheet=token.sheet if of_this_sheet else "",
        saved_at=at,
    )
    KeptText.objects.bulk_create(
        [kept],
        update_conflicts=True,
        unique_fields=["person", "form"],
        update_fields=["content", "sheet", "saved_at"],
    )
    _delete_oldest(token.person)
    return True


def _character_count(content: Content) -> int:
    return sum(len(name) + sum(map(len, texts)) for name, texts in content.items())


def _has_later_draft(token: SubmissionToken) -> bool:
    """Say whether words of another sheet wait there that came after this sheet was handed out.

    What had come before, the sheet was filled with, so its own words replace it.
    """
    later = KeptText.objects.filter(
        person=token.person, form=token.form, saved_at__gte=token.made_at + A_SECOND
    )
    return later.exclude(sheet=token.sheet).exists()


def _delete_oldest(person: int) -> None:
    newest_first = KeptText.objects.filter(person=person).order_by("-saved_at", "-pk")
    beyond = list(newest_first.values_list("pk", flat=True)[MOST_FORMS:])
    if beyond:
        KeptText.objects.filter(pk__in=beyond).delete()


def open_drafts(person: User) -> QuerySet[KeptText]:
    """Return what waits for a person; not what was sent while it was still being kept."""
    sent = SentSheet.objects.filter(sheet=OuterRef("sheet"))
    return KeptText.objects.filter(~Exists(sent), person=person)


def drafts_below(person: User, address: str) -> list[FormDraft]:
    """Return the words of a person that wait in the forms at an address or below it."""
    rows = open_drafts(person).filter(form__startswith=address)
    return [FormDraft(row.form, row.content, row.saved_at) for row in rows]


def drafts_subquery(person: User, address: str) -> Subquery:
    """Return the same question as a part of another one; `words_of` reads its answer."""
    told = JSONObject(form="form", content="content", saved_at="saved_at")
    rows = open_drafts(person).filter(form__startswith=address).values("person")
    return Subquery(rows.annotate(all=_JsonList(told)).values("all"), output_field=JSONField())


def drafts_from_row(answer: list[dict[str, Any]] | None) -> list[FormDraft]:
    """Return what a row was told by `asked_along`."""
    return [
        FormDraft(each["form"], _content_from_json(each["content"]), _moment(each["saved_at"]))
        for each in answer or ()
    ]


def _content_from_json(kept: Content | str) -> Content:
    # SQLite puts a JSON text into another as the text that it is.
    content: Content = json.loads(kept) if isinstance(kept, str) else kept
    return content


def _moment(told: str) -> datetime:
    at = datetime.fromisoformat(told)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def discard_draft(person: int, form: str) -> None:
    """Forget what this person typed into this form."""
    KeptText.objects.filter(person_id=person, form=form).delete()


def discard_sheet(token: SubmissionToken) -> None:
    """Forget what was kept of one sheet."""
    KeptText.objects.filter(person_id=token.person, form=token.form, sheet=token.sheet).delete()


def discard_all(person: User) -> None:
    """Forget everything that this person typed and did not save."""
    KeptText.objects.filter(person=person).delete()


def earlier_submission(token: SubmissionToken) -> SentSheet | None:
    """Return the sheet where it was acted on already."""
    return SentSheet.objects.filter(sheet=token.sheet).first()


def begin_submission(token: SubmissionToken, content: Content, *, at: datetime) -> SentSheet | None:
    """Return the sheet, taken for this transaction; None where another one has acted on it.

    Waits for a transaction that is about to: of two that come at once the second gets None.
    """
    sheet = SentSheet(
        sheet=token.sheet,
        person_id=token.person,
        form=token.form,
        fingerprint=fingerprint(content),
        sent_at=at,
    )
    try:
        with transaction.atomic():
            sheet.save(force_insert=True)
    except IntegrityError:
        return None
    return sheet


def finish_submission(sheet: SentSheet, location: str) -> None:
    """Write down where acting on a sheet led; what was kept of the form is saved now and goes."""
    sheet.location = location
    sheet.save(update_fields=["location"])
    discard_draft(sheet.person_id, sheet.form)


def delete_old_drafts(*, at: datetime) -> int:
    """Delete what has been kept too long; return how many texts."""
    SentSheet.objects.filter(sent_at__lt=at - SUBMISSION_LIFETIME).delete()
    deleted, _ = KeptText.objects.filter(saved_at__lt=at - DRAFT_LIFETIME).delete()
    return deleted
