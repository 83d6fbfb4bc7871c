"""Drafts: what people typed and did not save. Submissions: which tokens were acted on."""

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
from directory.models import Draft, Submission, User

MOST_CHARACTERS = 300_000
MOST_FORMS = 40
A_SECOND = timedelta(seconds=1)
# A token is acted on for a day at most; after that nobody needs to know that it was.
SUBMISSION_LIFETIME = timedelta(days=3)
FIELDS_NOT_TYPED = frozenset({"csrfmiddlewaretoken", FIELD_NAME, SEEN})
SECRET_WORDS = ("password", "secret", "otp")

Content = dict[str, list[str]]


@dataclass(frozen=True)
class FormDraft:
    """The draft of one form, by field, and since when."""

    form: str
    content: Content
    saved_at: datetime


def content_from_post(sent: QueryDict) -> Content:
    return {
        name.replace("\x00", ""): [text.replace("\x00", "") for text in texts]
        for name, texts in sent.lists()
        if name not in FIELDS_NOT_TYPED and not any(word in name.lower() for word in SECRET_WORDS)
    }


def fingerprint(content: Mapping[str, list[str]]) -> str:
    text = json.dumps(content, sort_keys=True)
    return salted_hmac("directory.drafts", text, algorithm="sha256").hexdigest()


def save_draft(
    token: SubmissionToken,
    content: Content,
    *,
    at: datetime,
    with_key: bool = True,
    is_theirs: bool = True,
) -> bool:
    """Save the draft for the person whom the token names; say whether it is saved.

    It is not where it is too long, and where that person no longer signs in. Nor, where somebody
    else is signed in, over a later draft with another key. Of more than `MOST_FORMS` drafts of a
    person the oldest is deleted.
    """
    characters = sum(len(name) + sum(map(len, texts)) for name, texts in content.items())
    if characters > MOST_CHARACTERS:
        return False
    if not User.objects.filter(pk=token.person, is_active=True).exists():
        return False
    if not is_theirs and _has_later_draft(token):
        return False
    draft = Draft(
        person_id=token.person,
        form=token.form,
        content=content,
        key=token.key if with_key else "",
        saved_at=at,
    )
    Draft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["person", "form"],
        update_fields=["content", "key", "saved_at"],
    )
    newest_first = Draft.objects.filter(person=token.person).order_by("-saved_at", "-pk")
    if beyond := list(newest_first.values_list("pk", flat=True)[MOST_FORMS:]):
        Draft.objects.filter(pk__in=beyond).delete()
    return True


def _has_later_draft(token: SubmissionToken) -> bool:
    """Say whether there is a draft with another key, saved after the page of this token was made.

    A page is filled with the draft that was there before, so its own content replaces that.
    """
    later = Draft.objects.filter(
        person=token.person, form=token.form, saved_at__gte=token.made_at + A_SECOND
    )
    return later.exclude(key=token.key).exists()


def open_drafts(person: User) -> QuerySet[Draft]:
    submitted = Submission.objects.filter(key=OuterRef("key"))
    return Draft.objects.filter(~Exists(submitted), person=person)


def drafts_below(person: User, address: str) -> list[FormDraft]:
    rows = open_drafts(person).filter(form__startswith=address)
    return [FormDraft(row.form, row.content, row.saved_at) for row in rows]


class _JsonList(Aggregate):
    """All the rows as one list."""

    function = "JSONB_AGG"
    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_GROUP_ARRAY", **extra)


def drafts_subquery(person: User, address: str) -> Subquery:
    values = JSONObject(form="form", content="content", saved_at="saved_at")
    rows = open_drafts(person).filter(form__startswith=address).values("person")
    return Subquery(rows.annotate(all=_JsonList(values)).values("all"), output_field=JSONField())


def drafts_from_row(result: list[dict[str, Any]] | None) -> list[FormDraft]:
    return [
        FormDraft(each["form"], _content_from_json(each["content"]), _moment(each["saved_at"]))
        for each in result or ()
    ]


def _content_from_json(value: Content | str) -> Content:
    # SQLite puts a JSON text into another as the text that it is.
    content: Content = json.loads(value) if isinstance(value, str) else value
    return content


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def discard_draft(person: int, form: str) -> None:
    Draft.objects.filter(person_id=person, form=form).delete()


def discard_draft_with_key(token: SubmissionToken) -> None:
    Draft.objects.filter(person_id=token.person, form=token.form, key=token.key).delete()


def discard_all(person: User) -> None:
    Draft.objects.filter(person=person).delete()


def earlier_submission(token: SubmissionToken) -> Submission | None:
    return Submission.objects.filter(key=token.key).first()


def begin_submission(
    token: SubmissionToken, content: Content, *, at: datetime
) -> Submission | None:
    """Return the submission of this transaction; None where another one has acted on the token.

    Waits for a transaction that is about to: of two that come at once the second gets None.
    """
    submission = Submission(
        key=token.key,
        person_id=token.person,
        form=token.form,
        fingerprint=fingerprint(content),
        sent_at=at,
    )
    try:
        with transaction.atomic():
            submission.save(force_insert=True)
    except IntegrityError:
        return None
    return submission


def finish_submission(submission: Submission, location: str) -> None:
    submission.location = location
    submission.save(update_fields=["location"])
    discard_draft(submission.person_id, submission.form)


def delete_old_drafts(*, at: datetime) -> int:
    Submission.objects.filter(sent_at__lt=at - SUBMISSION_LIFETIME).delete()
    deleted, _ = Draft.objects.filter(saved_at__lt=at - DRAFT_LIFETIME).delete()
    return deleted
