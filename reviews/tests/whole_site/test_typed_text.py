"""Every long form, lost in every way: the words come back to whoever typed them, and to no other.

The guards are switched off below, where that is a test of its own: keeping, and asking whose words
they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consultations.goal_changes import decisions
from consultations.models import GoalChange
from consultations.tests.cases import EFFECTIVE_ON, change_in
from consultations.workflow import Status
from directory.accounts.services import end_sessions
from directory.forms import drafts
from directory.models import District, Draft, Session, User
from directory.roles import CaseManagement
from directory.tests.questions import MAX_QUERIES, PageQueries
from permanency.children.services import edit_child
from permanency.goals.lifecycle import put_in_force
from permanency.models import Child
from permanency.policy.months import add_months
from permanency.tests.answers import form_data
from reviews.tests.cases import TODAY, open_child
from reviews.tests.whole_site.fixtures import SiteObjects
from reviews.tests.whole_site.form_parser import Fields, draft_form_of, draft_forms_of
from reviews.tests.whole_site.routes import RouteRow

LONG = "“I want to stay.” Zoë 🦘 <b>&amp;\r\n\r\n" + "What the family told us. " * 400
SHORT = "Zoë 🦘 <b>&amp;"

# Route, about what, and the field into which the words are typed. Of the steps of a goal change the
# approver takes those that decide it.
FORMS: tuple[tuple[str, str, str], ...] = (
    ("new-consultation", "PSP", "question"),
    ("edit-consultation", "PSP", "reasons"),
    ("edit-consultation", "PSP draft", "question"),
    ("new-goal-change", "PSP", "reasons"),
    ("edit-goal-change", "PSP endorsed", "reasons"),
    ("goal-change", "PSP endorsed", "decline-reasons"),
    ("mark-evidence", "PSP", "note"),
    ("take-step", "PSP approve", "reasons"),
    ("take-step", "PSP decline", "reasons"),
    ("take-step", "PSP endorse", "reasons"),
    ("take-step", "PSP not_endorse", "reasons"),
    ("take-step", "PSP ask_for_more", "reasons"),
    ("take-step", "PSP withdraw", "reasons"),
    ("new-review", "PSP", "barriers"),
    ("new-review", "PSP no", "not_held_reasons"),
    ("correct-review", "PSP", "progress_reasons"),
    ("correct-review-date", "PSP", "reasons"),
    ("correct-goal", "PSP", "reasons"),
    ("strike-review", "PSP", "reasons"),
    ("strike-consultation", "PSP", "reasons"),
    ("new-extension", "PSP", "reasons"),
    ("correct-extension", "PSP", "why"),
    ("correct-mark", "PSP", "why"),
    ("correct-achievement", "PSP", "reasons"),
    ("mark-intensive", "PSP", "reasons"),
    ("record-achievement", "PSP", "note"),
    ("new-child", "-", "first_name"),
    ("edit-child", "PSP", "caseworker"),
    ("open-goal", "PSP", "source_note"),
    ("edit-court-order", "PSP", "note"),
    ("edit-care-episode", "PSP", "entered_on_day"),
)
DECIDES = {"PSP approve", "PSP decline"}
AGAIN = "This is what you had typed"
Lose = Callable[[Client, str, Fields], int]


def session_deleted(client: Client, address: str, filled: Fields) -> int:
    end_sessions(User.objects.get(pk=client.session["_auth_user_id"]))
    return _post(client, address, filled)


def session_expired(client: Client, address: str, filled: Fields) -> int:
    past = "2020-01-01T00:00:00Z"
    Session.objects.update(began_at=past, seen_at=past, expire_date=past)
    return _post(client, address, filled)


def signed_in_elsewhere(client: Client, address: str, filled: Fields) -> int:
    """Rotate the token, as signing in in another tab does."""
    checking = Client(enforce_csrf_checks=True)
    checking.cookies = client.cookies
    checking.cookies[settings.CSRF_COOKIE_NAME] = "A" * 32
    return _post(checking, address, filled)


def too_much_at_once(client: Client, address: str, filled: Fields) -> int:
    """Send more than a page takes, after the words were kept while they were typed."""
    assert client.post(reverse("keep-typed"), filled).status_code == 204
    return _post(client, address, {**filled, "more": ["x" * 2_700_000]})


def web_stopped(client: Client, address: str, filled: Fields) -> int:
    """Be killed in the middle of the act: nothing after the words were kept is reached."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("directory.forms.drafts.begin_submission", _raise(SystemExit))
        with pytest.raises(SystemExit):
            client.post(address, filled)
    return 0


def database_restarted(client: Client, address: str, filled: Fields) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("directory.forms.drafts.finish_submission", _raise(OperationalError))
        patch.setattr("directory.forms.drafts.begin_submission", _raise(OperationalError))
        client.raise_request_exception = False
        status = _post(client, address, filled)
    client.raise_request_exception = True
    return status


def _raise(error: type[BaseException]) -> Callable[..., None]:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    return fail


def _post(client: Client, address: str, filled: Fields) -> int:
    return int(client.post(address, filled).status_code)


WAYS: tuple[tuple[Lose, int], ...] = (
    (session_deleted, 302),
    (session_expired, 302),
    (signed_in_elsewhere, 403),
    (too_much_at_once, 413),
    (web_stopped, 0),
    (database_restarted, 503),
)


def words_for(field: str, way: int) -> str:
    """Return words that say in which way they were lost, and never are what stands recorded."""
    if field.endswith("_day"):
        return str((EFFECTIVE_ON.day + 1 + way) % 28 + 1)
    is_long = field not in {"first_name", "caseworker", "note", "source_note"}
    return f"{LONG if is_long else SHORT}{way}"


def opened(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@dataclass
class Form:
    """A long form, open before somebody who types into one of its fields."""

    row: RouteRow
    field: str
    person: User
    address: str
    page: str = ""

    def lose(self, lose: Lose, number: int, status: int) -> list[str]:
        """Type something new, lose it, come back; return what went wrong."""
        typed = [words_for(self.field, number)]
        filled = {**draft_form_of(self.page), self.field: typed}
        got = lose(signed_in(self.person), self.address, filled)
        self.page = opened(signed_in(self.person), self.address)
        told, back = f"{lose.__name__}: {self.row}", draft_form_of(self.page).get(self.field)
        wrong = [f"{told} answered with {got}"] if got != status else []
        return wrong if back == typed and AGAIN in self.page else [*wrong, f"{told} is lost"]


def every_form(house: SiteObjects, people: dict[str, User]) -> list[Form]:
    """Return the forms, each open before the person who may send it."""
    forms = []
    for route, about, field in FORMS:
        row = RouteRow(route, about, "GET", {})
        person = people["cfdu" if about in DECIDES or route == "goal-change" else "coordinator"]
        forms.append(Form(row, field, person, house.address(row)))
    for form in forms:
        form.page = opened(signed_in(form.person), form.address)
    return forms


@pytest.mark.slow
def test_no_way_to_lose_it_loses_a_word_of_any_long_form(
    house: SiteObjects, people: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = every_form(house, people)
    wrong = [
        fault
        for number, (lose, status) in enumerate(WAYS)
        for form in forms
        for fault in form.lose(lose, number, status)
    ]
    assert not wrong, "\n".join(["", *wrong])
    assert Draft.objects.count() == len(FORMS)
    theirs = dict(Draft.objects.values_list("form", "person__name"))
    assert theirs == {form.address: form.person.name for form in forms}
    assert shown_to_others(forms, people) == []
    with monkeypatch.context() as patch:
        # Where nobody asked who reads, everybody who may open the form would read them.
        theirs_all = Draft.objects.filter(person=people["coordinator"])
        patch.setattr(drafts, "open_drafts", lambda person: theirs_all)
        assert len(shown_to_others(forms, people)) > len(FORMS) / 2
    # And where nothing is kept, every way loses what is sent next.
    monkeypatch.setattr(drafts, "save_draft", lambda *args, **kwargs: False)
    few = {form.row.route: form for form in forms}.values()
    sent_at_once = [each for each in WAYS if each[0] is not too_much_at_once]
    lost = [form.lose(lose, 9, status) for form, (lose, status) in zip(few, cycle(sent_at_once))]
    assert [len(each) for each in lost] == [1] * len(few)


def shown_to_others(forms: list[Form], people: dict[str, User]) -> list[str]:
    """Return the forms in which somebody else is shown what their writers typed."""
    others = [signed_in(people[who]) for who in ("mpp", "stranger")]
    return [
        f"{form.row}: another person is shown it"
        for form in forms
        for other in others
        if AGAIN in other.get(form.address).content.decode()
    ]


@pytest.fixture
def child(hunter: District, coordinator: User) -> Child:
    """Return a child whose case can be written about."""
    return open_child(hunter, coordinator, case_managed_by=CaseManagement.PSP).child


@pytest.fixture
def desk(coordinator: User) -> Client:
    """Return a browser in which the Permanency Coordinator is signed in."""
    return signed_in(coordinator)


def test_rows_of_a_formset_come_back_as_they_were_typed(desk: Client, child: Child) -> None:
    address = f"{reverse('new-review')}?child={child.pk}"
    filled = draft_form_of(opened(desk, address))
    filled |= {"actions-TOTAL_FORMS": ["3"], "actions-2-what": [SHORT], "actions-2-who": ["Jo"]}
    filled |= {"actions-0-what": ["Visit"], "actions-0-is_mine": ["on"], "progress": ["at_risk"]}
    assert desk.post(reverse("keep-typed"), filled).status_code == 204
    again = draft_form_of(opened(desk, address))
    kept = {name: again[name] for name in filled if name.startswith("actions-")}
    assert kept == {name: texts for name, texts in filled.items() if name.startswith("actions-")}
    assert again["progress"] == ["at_risk"]


def test_the_page_of_a_change_brings_back_what_was_typed_into_each_of_its_steps(
    desk: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    address = reverse("goal-change", args=[change.pk])
    for number, filled in enumerate(draft_forms_of(opened(desk, address))):
        sent = {**filled, "reasons": [f"Words {number}"]}
        assert desk.post(reverse("keep-typed"), sent).status_code == 204
    with PageQueries() as asked:
        page = opened(desk, address)
    again = [filled.get("reasons") for filled in draft_forms_of(page)]
    assert len(again) >= 3
    assert [texts for texts in again if texts] == [
        [f"Words {number}"] for number, texts in enumerate(again) if texts
    ]
    at = timezone.localtime(Draft.objects.order_by("saved_at")[0].saved_at)
    assert f"{AGAIN} on {at:%-d %B %Y} at {at:%H:%M}" in page
    assert len(asked) <= MAX_QUERIES, "words that wait cost no further query"


@pytest.mark.parametrize("name", ["mark-intensive", "new-extension", "record-achievement"])
def test_words_kept_for_a_goal_that_has_changed_do_not_hold_the_form_back(
    name: str, desk: Client, child: Child, coordinator: User
) -> None:
    """What a page is about is hidden in its form, and is that of the page as it is now."""
    address = reverse(name, args=[child.pk])
    filled = draft_form_of(opened(desk, address))
    word = "note" if name == "record-achievement" else "reasons"
    filled |= {word: [SHORT], "check": ["1"]}
    on = TODAY
    put_in_force(child, goal="adoption", effective_on=on, by=coordinator, on=on)
    assert desk.post(address, filled).status_code == 409

    page = opened(desk, address)
    again = draft_form_of(page)
    assert again[word] == [SHORT]
    assert "has changed since then" in page
    assert again["about"] != filled["about"]
    days = {"extended_to": add_months(on, 30), "decided_on": on, "achieved_on": on}
    typed = {**form_data(**days), "decided_by_name": "A Manager", "check": "1"}
    shown = desk.post(address, {**again, **typed})
    assert shown.status_code == 200
    assert "Nothing is saved yet" in shown.content.decode()


def test_words_of_a_step_do_not_bring_the_version_back_that_their_page_had(
    desk: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.PROPOSED, child, coordinator=coordinator, approver=cfdu)
    address = reverse("take-step", args=[change.pk, "endorse"])
    filled = {**draft_form_of(opened(desk, address)), "reasons": [LONG]}
    assert desk.post(reverse("keep-typed"), filled).status_code == 204
    decisions.ask_for_more(change, reasons="Who asked?", by=coordinator, on=TODAY)
    decisions.propose(change, by=coordinator, on=TODAY)
    page = opened(desk, address)
    again = draft_form_of(page)
    assert again["reasons"] == [LONG]
    now = GoalChange.objects.get(pk=change.pk)
    assert again["version"] == [str(now.version)] != filled["version"]
    assert "has changed since then" in page
    assert desk.post(address, again).status_code == 302


def test_words_over_a_row_keep_the_version_that_they_were_typed_over(
    desk: Client, child: Child, coordinator: User
) -> None:
    """Else they would undo, unseen, what somebody saved meanwhile."""
    address = reverse("edit-child", args=[child.pk])
    filled = {**draft_form_of(opened(desk, address)), "caseworker": [SHORT]}
    assert desk.post(reverse("keep-typed"), filled).status_code == 204
    who: dict[str, Any] = {"by": coordinator, "on": TODAY}
    edit_child(child, changes={"last_name": "Corrected"}, version=1, **who)
    again = draft_form_of(opened(desk, address))
    assert again["version"] == ["1"]
    stale = desk.post(address, again)
    assert stale.status_code == 409
    assert draft_form_of(stale.content.decode())["last_name"] == ["Corrected"]
    child.refresh_from_db()
    assert child.last_name == "Corrected"


def test_what_is_kept_opens_no_page_that_is_closed(
    desk: Client, child: Child, coordinator: User
) -> None:
    address = reverse("edit-child", args=[child.pk])
    filled = {**draft_form_of(opened(desk, address)), "caseworker": [SHORT]}
    assert desk.post(reverse("keep-typed"), filled).status_code == 204
    coordinator.appointments.update(ends_on="2021-01-01")
    closed = desk.get(address)
    assert closed.status_code == 404
    assert "Zoë" not in closed.content.decode()


def test_what_was_typed_about_one_child_is_not_shown_in_the_same_form_of_another(
    desk: Client, child: Child, coordinator: User, hunter: District
) -> None:
    other = open_child(hunter, coordinator).child
    for name in ("new-review", "new-consultation"):
        one, two = (f"{reverse(name)}?child={each.pk}" for each in (child, other))
        words = {"barriers": [LONG], "question": [LONG]}
        filled = {**draft_form_of(opened(desk, one)), **words}
        assert desk.post(reverse("keep-typed"), filled).status_code == 204
        assert AGAIN in opened(desk, one)
        assert AGAIN not in opened(desk, two)
    one, two = (reverse("edit-child", args=[each.pk]) for each in (child, other))
    filled = {**draft_form_of(opened(desk, one)), "caseworker": [SHORT]}
    assert desk.post(two, filled).status_code in {302, 409, 422}, "a token of another form is none"
    assert Draft.objects.filter(form=two).count() == 0
    assert AGAIN not in opened(desk, two)


def test_a_validation_error_keeps_every_word_on_the_page_and_for_later(
    desk: Client, child: Child
) -> None:
    address = f"{reverse('new-review')}?child={child.pk}"
    filled = {**draft_form_of(opened(desk, address)), "barriers": [LONG], "outcome": [""]}
    refused = desk.post(address, filled)
    assert refused.status_code == 422
    for page in (refused.content.decode(), opened(desk, address)):
        assert draft_form_of(page)["barriers"] == [LONG]
    assert not child.reviews.exists()


def test_a_step_that_moved_on_keeps_the_reasons_that_were_typed(
    child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    desk = signed_in(cfdu)
    address = reverse("take-step", args=[change.pk, "decline"])
    filled = {**draft_form_of(opened(desk, address)), "reasons": [LONG]}
    decisions.withdraw(change, reasons="Plans changed.", by=coordinator, on=TODAY)
    refused = desk.post(address, filled)
    assert refused.status_code == 409
    assert Draft.objects.get(person=cfdu, form=address).content["reasons"] == [LONG]
