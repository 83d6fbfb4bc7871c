"""What is typed into a form is kept until it is saved, for whoever typed it and nobody else.

The last tests switch the guards off one by one: keeping, asking whose form it is, the note of the
sheet.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory import clock
from directory.forms import drafts
from directory.forms.layout import NswForm
from directory.models import Draft, Inbox, Submission, User
from directory.people import services as people
from directory.tests.people import make_person

SEALED = re.compile(r'name="submission_token" value="([^"]+)"')
LONG = "Zoë said: “I want to stay.” 🦘\r\n\r\n" + "A long line of notes. " * 450
NOTE = "Confirmed by telephone."


def token_of(client: Client, address: str, *, number: int = 0) -> str:
    """Return the token of a form on the page at this address."""
    found = SEALED.findall(client.get(address).content.decode())
    return str(found[number])


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    """Return a browser in which an administrator is signed in."""
    client.force_login(administrator)
    return client


def new_inbox(**typed_in: Any) -> dict[str, Any]:
    return {"name": "Hunter North", "address": "north@example.org", "note": NOTE, **typed_in}


ADDRESS = "/directory/inboxes/new/"


def test_a_form_sent_by_post_carries_a_seal_and_others_do_not(
    desk: Client, administrator: User
) -> None:
    token = drafts.read_token(token_of(desk, ADDRESS))
    assert token is not None
    assert (token.person, token.form) == (administrator.pk, ADDRESS)
    for address in ("/directory/people/", "/directory/offices/", "/children/"):
        assert not SEALED.search(desk.get(address).content.decode()), address


@pytest.mark.parametrize(
    "field",
    [
        forms.CharField(widget=forms.PasswordInput),
        forms.CharField(widget=forms.TextInput({"autocomplete": "one-time-code"})),
    ],
)
def test_a_form_that_asks_for_a_password_or_a_code_is_never_kept(field: forms.CharField) -> None:
    class Plain(NswForm, forms.Form):
        name = forms.CharField()

    class Secret(Plain):
        secret = field

    assert Plain().keeps_draft
    assert not Secret().keeps_draft


def test_two_sheets_of_one_form_differ(desk: Client) -> None:
    first, second = (drafts.read_token(token_of(desk, ADDRESS)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.key != second.key


@pytest.mark.parametrize("text", ["", "x", "a:b:c", "é\x00"])
def test_what_is_no_seal_of_ours_is_none(text: str) -> None:
    assert drafts.read_token(text) is None
    assert drafts.read_token(signing.dumps([1, "/", "x"], salt="another")) is None


def test_what_was_refused_is_there_again_with_its_day(desk: Client) -> None:
    sent = new_inbox(address="no address", submission_token=token_of(desk, ADDRESS))
    assert desk.post(ADDRESS, sent).status_code == 422
    page = desk.get(ADDRESS).content.decode()
    kept = Draft.objects.get()
    at = timezone.localtime(kept.saved_at)
    assert f"had typed on {at:%-d %B %Y} at {at:%H:%M}, not saved yet" in page
    assert 'value="no address"' in page
    assert f'value="{NOTE}"' in page


def test_once_it_is_saved_nothing_waits_any_more(desk: Client) -> None:
    refused = new_inbox(address="no address", submission_token=token_of(desk, ADDRESS))
    page = desk.post(ADDRESS, refused).content.decode()
    again = SEALED.findall(page)[0]
    assert desk.post(ADDRESS, new_inbox(submission_token=again)).status_code == 302
    assert not Draft.objects.exists()
    assert "not saved yet" not in desk.get(ADDRESS).content.decode()


def test_what_was_never_changed_is_not_shown_as_typed(desk: Client) -> None:
    desk.post(ADDRESS, {"name": "", "address": "", "submission_token": token_of(desk, ADDRESS)})
    assert "not saved yet" not in desk.get(ADDRESS).content.decode()


def test_discarding_forgets_it_and_leads_back(desk: Client) -> None:
    desk.post(ADDRESS, new_inbox(address="none", submission_token=token_of(desk, ADDRESS)))
    answer = desk.post(reverse("discard-typed"), {"submission_token": token_of(desk, ADDRESS)})
    assert answer.headers["Location"] == ADDRESS
    assert not Draft.objects.exists()


def test_the_button_that_discards_is_none_of_the_form_itself(desk: Client) -> None:
    desk.post(ADDRESS, new_inbox(address="none", submission_token=token_of(desk, ADDRESS)))
    page = desk.get(ADDRESS).content.decode()
    button = re.search(r'<button [^>]*form="([^"]+)">Discard it', page)
    assert button is not None, "the enter key in a field would press it"
    assert f'action="/typed/discard/" id="{button[1]}"' in page


def test_discarding_asks_for_a_form_of_ones_own(desk: Client, coordinator: User) -> None:
    desk.post(ADDRESS, new_inbox(address="none", submission_token=token_of(desk, ADDRESS)))
    theirs = drafts.new_token(coordinator.pk, ADDRESS)
    for text in ("", theirs):
        assert desk.post(reverse("discard-typed"), {"submission_token": text}).status_code == 422
    assert Draft.objects.count() == 1


# While typing


def test_what_is_being_typed_is_kept_word_for_word(desk: Client, administrator: User) -> None:
    sent = new_inbox(
        note=LONG, submission_token=token_of(desk, ADDRESS), password="never", x="a\x00b"
    )
    assert desk.post(reverse("keep-typed"), sent).status_code == 204
    kept = Draft.objects.get(person=administrator, form=ADDRESS)
    assert kept.content["note"] == [LONG]
    assert kept.content["x"] == ["ab"]
    assert not {"password", "submission_token", "csrfmiddlewaretoken"} & set(kept.content)


def test_keeping_asks_for_a_form_of_ones_own(desk: Client, coordinator: User) -> None:
    for text in ("", "nonsense", drafts.new_token(coordinator.pk, ADDRESS)):
        assert desk.post(reverse("keep-typed"), new_inbox(submission_token=text)).status_code == 422
    assert not Draft.objects.exists()


def test_a_sheet_that_was_sent_keeps_nothing_more(desk: Client) -> None:
    sent = new_inbox(submission_token=token_of(desk, ADDRESS))
    desk.post(ADDRESS, sent)
    assert desk.post(reverse("keep-typed"), sent).status_code == 409
    assert not Draft.objects.exists()


def test_what_was_kept_a_moment_too_late_is_not_shown(desk: Client, administrator: User) -> None:
    text = token_of(desk, ADDRESS)
    desk.post(ADDRESS, new_inbox(submission_token=text))
    token = drafts.read_token(text)
    assert token is not None
    drafts.save_draft(token, {"name": ["Half a na"]}, at=clock.now())
    assert "Half a na" not in desk.get(ADDRESS).content.decode()


@pytest.mark.parametrize(
    "much", [{"note": "x" * 300_001}, {f"{number}{'x' * 500}": "" for number in range(600)}]
)
def test_more_than_anybody_types_into_one_form_is_not_kept(
    desk: Client, much: dict[str, str]
) -> None:
    sent = {**new_inbox(submission_token=token_of(desk, ADDRESS)), **much}
    assert desk.post(reverse("keep-typed"), sent).status_code == 413


def test_of_more_than_forty_forms_the_oldest_goes(desk: Client, administrator: User) -> None:
    now = clock.now()
    for number in range(42):
        token = drafts.SubmissionToken(administrator.pk, f"/form/{number}/", f"sheet {number}")
        drafts.save_draft(token, {"note": [NOTE]}, at=now + timedelta(seconds=number))
    kept = set(Draft.objects.values_list("form", flat=True))
    assert kept == {f"/form/{number}/" for number in range(2, 42)}


# Somebody else


def test_nobody_else_is_shown_what_was_typed(desk: Client) -> None:
    desk.post(ADDRESS, new_inbox(address="none", submission_token=token_of(desk, ADDRESS)))
    other = make_person("Other Administrator")
    other.appointments.create(role="administrator", starts_on="2020-01-01", instrument="Test")
    desk.force_login(other)
    page = desk.get(ADDRESS).content.decode()
    assert NOTE not in page
    assert "not saved yet" not in page


def test_a_form_of_another_person_is_kept_for_them_and_saved_for_nobody(
    desk: Client, administrator: User
) -> None:
    text = token_of(desk, ADDRESS)
    other = make_person("Other Administrator")
    other.appointments.create(role="administrator", starts_on="2020-01-01", instrument="Test")
    desk.force_login(other)
    answer = desk.post(ADDRESS, new_inbox(submission_token=text))
    assert answer.status_code == 409
    assert "Somebody else opened this form" in answer.content.decode()
    assert NOTE not in answer.content.decode()
    assert not Inbox.objects.filter(name="Hunter North").exists()
    assert Draft.objects.get().person == administrator
    desk.force_login(administrator)
    assert NOTE in desk.get(ADDRESS).content.decode()


@pytest.mark.parametrize("signed_in_as", ["", "coordinator"])
def test_an_older_sheet_from_elsewhere_takes_the_place_of_no_later_words(
    desk: Client, administrator: User, signed_in_as: str, request: pytest.FixtureRequest
) -> None:
    older = token_of(desk, ADDRESS)
    later = drafts.SubmissionToken(administrator.pk, ADDRESS, "a later sheet")
    drafts.save_draft(later, {"note": ["Later words"]}, at=clock.now() + timedelta(seconds=2))
    elsewhere = Client()
    if signed_in_as:
        elsewhere.force_login(request.getfixturevalue(signed_in_as))
    elsewhere.post(ADDRESS, new_inbox(submission_token=older))
    assert Draft.objects.get().content == {"note": ["Later words"]}
    # Control: in their own session the same sheet is the last thing that they typed.
    desk.post(ADDRESS, new_inbox(address="none", submission_token=older))
    assert Draft.objects.get().content["note"] == [NOTE]


def test_a_sheet_that_was_filled_with_earlier_words_takes_their_place_after_the_session(
    desk: Client, administrator: User
) -> None:
    earlier = drafts.SubmissionToken(administrator.pk, ADDRESS, "an earlier sheet")
    drafts.save_draft(earlier, {"note": ["Earlier"]}, at=clock.now() - timedelta(seconds=2))
    sent = new_inbox(submission_token=token_of(desk, ADDRESS))
    for note in ("More words", "And more"):
        Client().post(ADDRESS, {**sent, "note": note})
        assert Draft.objects.get().content["note"] == [note]


def test_a_disabled_person_leaves_nothing_that_was_typed(
    desk: Client, administrator: User, coordinator: User
) -> None:
    token = drafts.read_token(drafts.new_token(coordinator.pk, "/children/new/"))
    assert token is not None
    drafts.save_draft(token, {"first_name": ["Mia"]}, at=clock.now())
    people.disable_person(coordinator, by=administrator, on=clock.today())
    assert not Draft.objects.exists()
    assert not drafts.save_draft(token, {"first_name": ["Mia"]}, at=clock.now())


def test_what_waits_longer_than_thirty_days_is_deleted(desk: Client) -> None:
    desk.post(ADDRESS, new_inbox(address="none", submission_token=token_of(desk, ADDRESS)))
    desk.post(ADDRESS, new_inbox(submission_token=token_of(desk, ADDRESS)))
    desk.post(ADDRESS, new_inbox(address="none", submission_token=token_of(desk, ADDRESS)))
    now = clock.now()
    assert drafts.delete_old_drafts(at=now + timedelta(days=29)) == 0
    assert not Submission.objects.exists()
    assert drafts.delete_old_drafts(at=now + timedelta(days=31)) == 1


# Sent twice


def test_the_same_sheet_twice_makes_one_row_and_leads_to_the_same_page(desk: Client) -> None:
    sent = new_inbox(submission_token=token_of(desk, ADDRESS))
    first, second = desk.post(ADDRESS, sent), desk.post(ADDRESS, sent)
    assert first.headers["Location"] == second.headers["Location"] == "/directory/inboxes/"
    assert Inbox.objects.filter(name="Hunter North").count() == 1


def test_a_refused_sheet_uses_nothing_up(desk: Client) -> None:
    text = token_of(desk, ADDRESS)
    assert desk.post(ADDRESS, new_inbox(address="none", submission_token=text)).status_code == 422
    assert not Submission.objects.exists()
    assert desk.post(ADDRESS, new_inbox(submission_token=text)).status_code == 302
    assert Inbox.objects.filter(name="Hunter North").count() == 1


def test_other_words_on_a_sent_sheet_are_kept_and_save_nothing(desk: Client) -> None:
    text = token_of(desk, ADDRESS)
    desk.post(ADDRESS, new_inbox(submission_token=text))
    answer = desk.post(ADDRESS, new_inbox(name="Hunter South", submission_token=text))
    assert answer.status_code == 409
    assert "This form was sent already" in answer.content.decode()
    assert not Inbox.objects.filter(name="Hunter South").exists()
    assert "Hunter South" in desk.get(ADDRESS).content.decode()


def test_a_sheet_of_yesterday_is_kept_and_not_acted_on(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = token_of(desk, ADDRESS)
    monkeypatch.setattr(drafts, "TOKEN_LIFETIME", timedelta(seconds=-1))
    answer = desk.post(ADDRESS, new_inbox(submission_token=text))
    assert answer.status_code == 409
    assert "open too long" in answer.content.decode()
    assert not Inbox.objects.filter(name="Hunter North").exists()
    assert Draft.objects.count() == 1
    monkeypatch.setattr(drafts, "DRAFT_LIFETIME", timedelta(seconds=-1))
    assert drafts.read_token(text) is None


def test_a_seal_of_another_form_counts_as_none(desk: Client) -> None:
    text = token_of(desk, "/directory/offices/new/")
    assert desk.post(ADDRESS, new_inbox(submission_token=text)).status_code == 302
    assert not Submission.objects.exists()


# With a guard switched off


def test_without_keeping_what_was_refused_is_gone(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "save_draft", lambda *args, **kwargs: False)
    sent = new_inbox(address="no address", submission_token=token_of(desk, ADDRESS))
    assert desk.post(ADDRESS, sent).status_code == 422
    assert NOTE not in desk.get(ADDRESS).content.decode()


def test_without_asking_whose_form_it_is_another_would_send_it(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = token_of(desk, ADDRESS)
    other = make_person("Other Administrator")
    other.appointments.create(role="administrator", starts_on="2020-01-01", instrument="Test")
    desk.force_login(other)
    theirs = drafts.SubmissionToken(other.pk, ADDRESS, "the sheet")
    monkeypatch.setattr(drafts, "read_token", lambda text: theirs)
    assert desk.post(ADDRESS, new_inbox(submission_token=text)).status_code == 302
    assert Inbox.objects.filter(name="Hunter North").exists()


def test_without_the_note_of_the_sheet_the_second_is_acted_on_again(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "earlier_submission", lambda token: None)
    monkeypatch.setattr(Submission, "save", lambda submission, **kwargs: None)
    sent = new_inbox(submission_token=token_of(desk, ADDRESS))
    assert desk.post(ADDRESS, sent).status_code == 302
    again = desk.post(ADDRESS, sent)
    assert again.status_code == 422, "the second is refused, for the name is taken"
