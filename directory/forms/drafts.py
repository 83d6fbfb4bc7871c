"""Drafts: what people typed and did not save. Submissions: which tokens were acted on.

A form carries a signed token: for whom its page was made, which form, and a random key. So one that
is sent after its session has ended still says whose draft it brings, and one sent twice is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.core.signing import b62_decode
from django.db import IntegrityError, transaction
from django.db.models import Exists, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import HttpRequest, QueryDict
from django.utils.crypto import salted_hmac

from directory.database.json_list import JsonList
from directory.forms.optimistic_lock import VERSION
from directory.forms.show_then_save import SEEN
from directory.models import Draft, Submission, User
from directory.request_notes import notes_of

FIELD_NAME = "submission_token"
# A form older than this is not acted on; its draft is kept all the same.
TOKEN_LIFETIME = timedelta(days=1)
DRAFT_LIFETIME = timedelta(days=30)
LONG_AGO = datetime.fromtimestamp(0, UTC)
_SALT = "directory.submission_token"


@dataclass(frozen=True)
class SubmissionToken:
    """A person, a form (path and query), the key of one page with it, and when that was made."""

    person: int
    form: str
    key: str
    is_old: bool = False
    made_at: datetime = LONG_AGO


def new_token(person: int, form: str) -> str:
    return signing.dumps([person, form, token_urlsafe(16)], salt=_SALT)


def read_token(text: str) -> SubmissionToken | None:
    for longest, is_old in ((TOKEN_LIFETIME, False), (DRAFT_LIFETIME, True)):
        try:
            person, form, key = signing.loads(text, salt=_SALT, max_age=longest)
        except signing.BadSignature:
            continue
        # The signature was good, so the moment beside it, in whole seconds, is the one signed.
        made_at = datetime.fromtimestamp(b62_decode(text.rsplit(":", 2)[1]), UTC)
        return SubmissionToken(person, form, key, is_old=is_old, made_at=made_at)
    return None


MOST_CHARACTERS = 300_000
MOST_FORMS = 40
A_SECOND = timedelta(seconds=1)
# A token is acted on for a day at most; after that nobody needs to know that it was.
SUBMISSION_LIFETIME = timedelta(days=3)
FIELDS_NOT_TYPED = frozenset({"csrfmiddlewaretoken", FIELD_NAME, SEEN})
SECRET_WORDS = ("password", "secret", "otp")

Content = dict[str, list[str]]


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
    # A page is filled with the draft that was there before, so its own content replaces that.
    later = Draft.objects.filter(
        person=token.person, form=token.form, saved_at__gte=token.made_at + A_SECOND
    )
    if not is_theirs and later.exclude(key=token.key).exists():
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


def open_drafts(person: User) -> QuerySet[Draft]:
    submitted = Submission.objects.filter(key=OuterRef("key"))
    return Draft.objects.filter(~Exists(submitted), person=person)


def drafts_below(person: User, address: str) -> QuerySet[Draft]:
    return open_drafts(person).filter(form__startswith=address)


def drafts_subquery(drafts: QuerySet[Draft]) -> Subquery:
    values = JSONObject(form="form", content="content", saved_at="saved_at")
    rows = drafts.order_by().values("person")
    return Subquery(rows.annotate(all=JsonList(values)).values("all"), output_field=JSONField())


def drafts_from_row(result: list[dict[str, Any]] | None) -> list[Draft]:
    found = []
    for each in result or ():
        content, at = each["content"], datetime.fromisoformat(each["saved_at"])
        # SQLite puts a JSON text into another as the text that it is.
        content = json.loads(content) if isinstance(content, str) else content
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        found.append(Draft(form=each["form"], content=content, saved_at=at))
    return found


def discard_draft(person: int, form: str) -> None:
    Draft.objects.filter(person_id=person, form=form).delete()


def discard_draft_with_key(token: SubmissionToken) -> None:
    Draft.objects.filter(person_id=token.person, form=token.form, key=token.key).delete()


def earlier_submission(token: SubmissionToken) -> Submission | None:
    return Submission.objects.filter(key=token.key).first()


def begin_submission(
    token: SubmissionToken, content: Content, *, at: datetime
) -> Submission | None:
    """Return the submission of this transaction; None where another one has acted on the token."""
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


if TYPE_CHECKING:
    FormBase = forms.BaseForm
else:
    FormBase = object

FieldTexts = dict[str, list[str]]


def form_address(form: Any, request: HttpRequest) -> str:
    return str(getattr(form, "action_url", "") or request.get_full_path())


def restore_draft(form: Any, request: HttpRequest) -> None:
    """Fill a form that is shown first with its reader's draft, saved at `form.draft_saved_at`."""
    if request.method not in {"GET", "HEAD"} or not isinstance(request.user, User):
        return
    notes = notes_of(request)
    if notes.drafts is None:
        # A form of a page is sent to its own address, whatever the query, or to one below it.
        set_page_drafts(request, drafts_below(request.user, request.path))
    draft = (notes.drafts or {}).get(form_address(form, request))
    if draft is None:
        return
    sent = as_post_data(draft.content)
    differing = [_fill(each, sent) for each in (form, *form.formsets)]
    if any(differing):
        form.draft_saved_at = draft.saved_at


def set_page_drafts(request: HttpRequest, page_drafts: Iterable[Draft]) -> None:
    notes_of(request).drafts = {each.form: each for each in page_drafts}


def _fill(form: Any, sent: QueryDict) -> bool:
    """Fill a form with what was typed, and say whether that differs from what stood there.

    A hidden field says what the page is about, not what somebody typed: it stays as it is now,
    unless it belongs to the words (`hidden_with_words`). Where it was another, the form says so.
    """
    sent = _with_hidden_of_now(form, sent)
    if form.is_bound:
        differs = any(
            sent.getlist(name) != texts for name, texts in form.data.lists() if name in sent
        )
        form.data = sent
        _drop_cached_forms(form)
        form.full_clean()
        return differs
    if isinstance(form, forms.BaseFormSet):
        return _fill_rows(form, sent)
    differs = False
    for name, field in form.fields.items():
        sent_as = form.add_prefix(name)
        if field.disabled or field.widget.value_omitted_from_data(sent, {}, sent_as):
            continue
        value = field.widget.value_from_datadict(sent, {}, sent_as)
        initial = form.get_initial_for_field(field, name)
        differs |= not field.widget.is_hidden and field.has_changed(initial, value)
        form.initial = {**form.initial, name: value}
    # A bound field that was used before now has cached its initial value.
    form._bound_fields_cache.clear()
    return differs


def _with_hidden_of_now(form: Any, sent: QueryDict) -> QueryDict:
    if isinstance(form, forms.BaseFormSet):
        return sent
    sent = sent.copy()
    for field in form.hidden_fields():
        if field.name in form.hidden_with_words:
            continue
        then, now = sent.pop(field.html_name, None), field.value()
        if form.is_bound and now is not None:
            sent[field.html_name] = now
        # What was shown is never kept, and says nothing of what was typed.
        if then is not None and field.name != SEEN and then != ["" if now is None else str(now)]:
            form.draft_is_about_before = True
    return sent


def _fill_rows(rows: Any, sent: QueryDict) -> bool:
    total = sent.get(f"{rows.prefix}-TOTAL_FORMS", "")
    if not (total.isascii() and total.isdigit()) or len(total) > 4:
        return False
    rows.extra = max(0, min(int(total), rows.max_num) - rows.initial_form_count())
    _drop_cached_forms(rows)
    differing = [_fill(row, sent) for row in rows.forms]
    return any(differing)


def _drop_cached_forms(form: Any) -> None:
    for cached in ("forms", "management_form"):
        vars(form).pop(cached, None)


class HideErrorsMixin(FormBase):
    """A form that can show what was typed without yet saying what is wrong with it."""

    def __init__(self, *args: Any, hides_errors: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hides_errors = hides_errors

    def full_clean(self) -> None:
        super().full_clean()
        if self.hides_errors:
            self.errors.clear()


def texts_from_post(sent: QueryDict, *shown: forms.BaseForm | forms.BaseFormSet[Any]) -> FieldTexts:
    """Return what was typed into these forms, without NUL, which PostgreSQL does not store."""
    own = set(_field_names(*shown))
    return {
        name: [text.replace("\x00", "") for text in texts]
        for name, texts in sent.lists()
        if name in own
    }


def _field_names(*shown: forms.BaseForm | forms.BaseFormSet[Any]) -> Iterator[str]:
    for each in shown:
        if isinstance(each, forms.BaseFormSet):
            yield from _field_names(each.management_form, *each.forms)
            continue
        for field in each:
            if field.name != VERSION:
                parts = getattr(field.field.widget, "widgets_names", ())
                yield from (field.html_name, *(f"{field.html_name}{part}" for part in parts))


def as_post_data(texts: Mapping[str, Any], **values: object) -> QueryDict:
    sent = QueryDict(mutable=True)
    for name, each in texts.items():
        sent.setlist(name, list(each))
    for name, value in values.items():
        sent[name] = str(value)
    return sent


def with_another_row(sent: QueryDict, *, prefix: str, most: int) -> QueryDict:
    """Return what was sent with one empty row more, `most` in all, where there are no scripts."""
    more = sent.copy()
    total = sent.get(f"{prefix}-TOTAL_FORMS", "")
    count = int(total) if total.isascii() and total.isdigit() else 1
    more[f"{prefix}-TOTAL_FORMS"] = str(min(count + 1, most))
    return more
