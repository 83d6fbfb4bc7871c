"""How an approver decides: one neutral form, a check page, and what waits next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from consultations.models import Evidence, GoalChange
from consultations.policy import EvidenceEntry
from consultations.tests.cases import (
    TODAY,
    change_in,
    consult,
    draft_change,
    make_child,
    open_goal,
    reload_change,
)
from consultations.tests.test_shown_first import LATER, two_year_date_moves
from consultations.workflow import Status, Step
from directory import clock
from directory.models import District, Notice, User
from directory.tests.people import PASSWORD, sign_in
from directory.web.request import PROVED_AT, StepUpRedirect
from permanency.models import Child, CourtOrder
from permanency.policy.goals import AboriginalStatus
from permanency.policy.months import day_in_words
from permanency.tests.answers import form_data
from reviews.tests.whole_site.form_parser import FormParser, main_form

QUEUE = "?from=approvals"


@pytest.fixture
def child(hunter: District) -> Child:
    """Return a child whose case a provider manages, with restoration in force."""
    child = make_child(hunter)
    open_goal(child)
    return child


@pytest.fixture
def change(child: Child, coordinator: User, cfdu: User) -> GoalChange:
    """Return an endorsed change of the child."""
    return change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)


@pytest.fixture
def desk(client: Client, cfdu: User) -> Client:
    """Return a browser in which the approver is signed in."""
    client.force_login(cfdu)
    return client


def address_of(change: GoalChange) -> str:
    return reverse("goal-change", args=[change.pk])


def answers(decision: str, **typed: Any) -> dict[str, str]:
    """Return an answer as the form sends it: each field under the name of its step."""
    said = {"effective_on": TODAY} if decision == "approve" and "effective_on" not in typed else {}
    fields = form_data(**said, **typed)
    return {"decision": decision, **{f"{decision}-{name}": text for name, text in fields.items()}}


def decide(client: Client, change: GoalChange, decision: str, **typed: Any) -> Any:
    """Send the form and then the page that shows what it does."""
    address = address_of(change) + QUEUE
    form = main_form(client.get(address).content.decode(), address)
    shown = client.post(address, form.sent(answers(decision, **typed)))
    check = main_form(shown.content.decode(), address)
    return client.post(address, check.sent({}, press="save"))


def test_nothing_is_chosen_beforehand(desk: Client, change: GoalChange) -> None:
    page = desk.get(address_of(change)).content.decode()
    form = main_form(page, address_of(change))
    assert form.choices["decision"] == {"approve", "decline", "ask_for_more"}
    assert "decision" not in form.fields
    answer = desk.post(address_of(change), form.sent({}))
    assert answer.status_code == 422
    assert "Choose what you decide." in answer.content.decode()


@pytest.mark.parametrize(
    ("decision", "status"),
    [("approve", "approved"), ("decline", "declined"), ("ask_for_more", "draft")],
)
def test_each_answer_is_shown_and_then_saved(
    decision: str, status: str, desk: Client, change: GoalChange
) -> None:
    address = address_of(change)
    form = main_form(desk.get(address).content.decode(), address)
    shown = desk.post(address, form.sent(answers(decision, reasons="Read with care.")))
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "Nothing is decided yet." in page
    assert "Read with care." in page
    assert ("Next review" in page) == (decision == "approve")
    assert reload_change(change).status == Status.ENDORSED
    assert not Notice.objects.filter(kind__in=["change_decided", "change_returned"]).exists()
    answer = desk.post(address, main_form(page, address).sent({}, press="save"))
    assert answer.headers["Location"] == address
    assert reload_change(change).status == status
    assert change.decisions.latest("pk").reasons == "Read with care."


@pytest.mark.parametrize(
    ("decision", "typed", "sentence"),
    [
        ("decline", {}, "Give your reasons."),
        ("ask_for_more", {}, "Say what is missing."),
        ("approve", {"effective_on": TODAY + timedelta(days=1)}, "after today"),
        ("fly", {}, "Select a valid choice"),
        ("endorse", {}, "Select a valid choice"),
    ],
)
def test_an_answer_that_lacks_something_says_so_at_its_field(
    decision: str, typed: dict[str, Any], sentence: str, desk: Client, change: GoalChange
) -> None:
    address = address_of(change)
    form = main_form(desk.get(address).content.decode(), address)
    kept = {"approve-reasons": "Typed for the other answer."}
    answer = desk.post(address, form.sent(kept | answers(decision, **typed)))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "Typed for the other answer." in answer.content.decode()
    assert reload_change(change).status == Status.ENDORSED


def test_change_leads_back_to_the_form_with_all_that_was_typed(
    desk: Client, change: GoalChange
) -> None:
    address = address_of(change)
    form = main_form(desk.get(address).content.decode(), address)
    typed = answers("decline", reasons="First\nsecond.") | {"approve-reasons": "Other words."}
    page = desk.post(address, form.sent(typed)).content.decode()
    assert f'formaction="{address}#id_decide_decline-reasons"' in page
    back = {**main_form(page, address).fields, "change": ["1"]}
    again = main_form(desk.post(address, back).content.decode(), address)
    assert again.fields["decline-reasons"] == ["First\r\nsecond."]
    assert again.fields["approve-reasons"] == ["Other words."]
    assert again.fields["decision"] == ["decline"]


def test_dates_that_moved_since_they_were_shown_are_shown_again(
    desk: Client, child: Child, change: GoalChange, coordinator: User
) -> None:
    address = address_of(change)
    form = main_form(desk.get(address).content.decode(), address)
    page = desk.post(address, form.sent(answers("approve"))).content.decode()
    two_year_date_moves(child, coordinator)
    again = desk.post(address, main_form(page, address).sent({}, press="save"))
    assert again.status_code == 409
    assert day_in_words(LATER) in again.content.decode()
    assert reload_change(change).status == Status.ENDORSED
    page = again.content.decode()
    assert desk.post(address, main_form(page, address).sent({}, press="save")).status_code == 302
    assert reload_change(change).status == Status.APPROVED


def test_an_approval_that_was_never_shown_is_shown_first(desk: Client, change: GoalChange) -> None:
    sent = {"version": change.version, **answers("approve"), "save": "1"}
    assert desk.post(address_of(change), sent).status_code == 409
    assert reload_change(change).status == Status.ENDORSED


def test_a_change_that_moved_on_meanwhile_keeps_the_words(
    desk: Client, change: GoalChange, coordinator: User
) -> None:
    address = address_of(change)
    sent = {"version": change.version - 1, **answers("decline", reasons="Typed with care.")}
    stale = desk.post(address, sent)
    assert stale.status_code == 409
    assert "was saved meanwhile" in stale.content.decode()
    assert "Typed with care." in stale.content.decode()
    GoalChange.objects.filter(pk=change.pk).update(status=Status.WITHDRAWN)
    moved = desk.post(address, sent)
    assert moved.status_code == 409
    assert "it is now withdrawn" in moved.content.decode()
    assert "Typed with care." in moved.content.decode()


def test_who_does_not_decide_this_case_is_offered_nothing_and_refused(
    client: Client, change: GoalChange, coordinator: User, district_manager: User, stranger: User
) -> None:
    sent = {"version": change.version, **answers("decline", reasons="No.")}
    for person, status in ((coordinator, 403), (district_manager, 403), (stranger, 404)):
        client.force_login(person)
        if status == 403:
            assert 'name="decision"' not in client.get(address_of(change)).content.decode()
        assert client.post(address_of(change), sent).status_code == status
    assert reload_change(change).status == Status.ENDORSED


def test_who_asked_for_the_change_reads_why_and_decides_nothing(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(
        Status.ENDORSED, child, coordinator=coordinator, approver=cfdu, requested_by=cfdu
    )
    client.force_login(cfdu)
    page = client.get(address_of(change)).content.decode()
    assert "You asked for this change, so somebody else decides it." in page
    assert 'name="decision"' not in page
    sent = {"version": change.version, **answers("approve")}
    assert client.post(address_of(change), sent).status_code == 409


def test_an_old_session_proves_itself_before_it_approves_and_loses_no_word(
    client: Client, change: GoalChange, cfdu: User
) -> None:
    sign_in(client, cfdu)
    address = address_of(change)
    form = main_form(client.get(address).content.decode(), address)
    session = client.session
    session[PROVED_AT] = (clock.now() - timedelta(minutes=16)).isoformat()
    session.save()
    assert client.post(address, form.sent(answers("decline", reasons="No."))).status_code == 200
    answer = client.post(address, form.sent(answers("approve", reasons="All is said above.")))
    assert isinstance(answer, StepUpRedirect)
    back = client.post(answer["Location"], {"password": PASSWORD}, follow=True)
    assert "All is said above." in back.text
    assert "decision" in main_form(back.text, address).fields


# What waits next


def test_after_a_decision_the_next_one_waits_with_the_way_back(
    desk: Client, hunter: District, change: GoalChange, coordinator: User, cfdu: User
) -> None:
    others = []
    for days in (3, 9):
        child = make_child(hunter, first_name=f"Other{days}")
        open_goal(child)
        other = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
        since = TODAY - timedelta(days=days)
        GoalChange.objects.filter(pk=other.pk).update(status_since_on=since)
        others.append(other)
    before = desk.get(address_of(change)).content.decode()
    assert "2 more wait for you." in before
    assert "Other9" not in before
    answer = decide(desk, change, "decline", reasons="Not yet.")
    assert answer.headers["Location"] == address_of(change) + QUEUE
    page = desk.get(answer.headers["Location"]).content.decode()
    assert "Your decision is on the record." in page
    assert "2 more wait for you." in page
    assert "Other9" not in page
    assert f'href="{address_of(others[1])}{QUEUE}"' in page
    assert f'<a href="{reverse("approvals")}">Back to Approvals</a>' in page


def test_what_somebody_may_not_decide_does_not_wait_for_them(
    desk: Client, hunter: District, change: GoalChange, coordinator: User, cfdu: User
) -> None:
    own = make_child(hunter)
    change_in(Status.ENDORSED, own, coordinator=coordinator, approver=cfdu, requested_by=cfdu)
    dcj = make_child(hunter, case_managed_by="DCJ")
    change_in(Status.ENDORSED, dcj, coordinator=coordinator, approver=cfdu)
    assert "Nothing else waits for you." in desk.get(address_of(change)).content.decode()


@pytest.mark.parametrize(("query", "leads"), [(QUEUE, True), ("", False), ("?from=x", False)])
def test_the_breadcrumbs_lead_to_where_one_came_from(
    query: str, leads: bool, desk: Client, change: GoalChange
) -> None:
    address = address_of(change) + query
    page = desk.get(address).content.decode()
    sent = main_form(page, address).sent(answers("decline", reasons="No."))
    for each in (page, desk.post(address, sent).content.decode()):
        breadcrumbs = each.split('aria-label="Breadcrumbs"')[1].split("</nav>")[0]
        assert (reverse("approvals") in breadcrumbs) == leads


def test_the_title_says_the_reference_and_never_the_name(desk: Client, change: GoalChange) -> None:
    page = desk.get(address_of(change)).content.decode()
    title = page.split("<title>")[1].split("</title>")[0]
    assert change.child.reference in title
    assert change.child.last_name not in title
    assert "Robin Example: restoration to guardianship" in page.split("<h1>")[1].split("</h1>")[0]


# What to look at first


def _careful_case(hunter: District, coordinator: User, cfdu: User) -> GoalChange:
    child = make_child(hunter, aboriginal_status=AboriginalStatus.ABORIGINAL)
    open_goal(child, effective_on=TODAY - timedelta(days=650))
    ends = TODAY + timedelta(days=20)
    CourtOrder.objects.create(child=child, kind="short_term", expires_on=ends)
    change = change_in(Status.ENDORSED, child, coordinator=coordinator, approver=cfdu)
    Evidence.objects.filter(consultation=change.consultation, kind="cultural").update(
        state="missing", note="Planned with the family."
    )
    return change


def test_cautions_come_first_the_worst_first_and_again_before_saving(
    desk: Client, hunter: District, coordinator: User, cfdu: User
) -> None:
    change = _careful_case(hunter, coordinator, cfdu)
    address = address_of(change)
    page = desk.get(address).content.decode()
    wanted = ["No cultural consultation yet, for an Aboriginal child.", "The court order ends on"]
    wanted.append("The two-year date is")
    places = [page.index(words) for words in (*wanted, "Evidence: ", "The change and its reasons")]
    assert places == sorted(places)
    form = main_form(page, address)
    shown = desk.post(address, form.sent(answers("approve"))).content.decode()
    assert all(words in shown for words in (*wanted, "Planned with the family."))
    assert "Missing: Cultural consultation" not in shown


def test_a_row_of_the_approvals_says_what_is_special_of_its_case(
    desk: Client, hunter: District, change: GoalChange, coordinator: User, cfdu: User
) -> None:
    _careful_case(hunter, coordinator, cfdu)
    plain, careful = sorted(
        desk.get(reverse("approvals")).content.decode().split("<tr>")[2:],
        key=lambda row: "No cultural consultation" in row,
    )
    assert "Nothing special" in plain
    assert "Order ends in 20 days" in careful
    assert "Nothing special" not in careful


# Marking evidence


@pytest.fixture
def gap(child: Child, coordinator: User) -> GoalChange:
    """Return a draft that rests on a consultation without the legal advice."""
    consultation = consult(child, coordinator, evidence=(EvidenceEntry("legal", "missing"),))
    return draft_change(consultation, coordinator)


def test_a_coordinator_marks_a_missing_piece_where_it_is_read(
    client: Client, gap: GoalChange, coordinator: User
) -> None:
    client.force_login(coordinator)
    here, mark = address_of(gap), reverse("mark-evidence", args=[gap.pk, "legal"])
    page = client.get(here).content.decode()
    form = next(each for each in FormParser(page).forms if each.action == mark)
    refused = client.post(mark, form.sent({"state": "not_needed", "note": ""}))
    assert refused.status_code == 422
    assert "Say why it is not needed." in refused.content.decode()
    answer = client.post(mark, form.sent({"state": "seen", "note": "On the file"}))
    assert answer.headers["Location"] == here
    piece = gap.consultation.evidence.get(kind="legal")
    assert (piece.state, piece.note) == ("seen", "On the file")
    assert reload_change(gap).version == gap.version + 1
    assert client.get(mark).status_code == 404


def test_two_who_mark_at_once_see_each_other(
    client: Client, gap: GoalChange, coordinator: User
) -> None:
    client.force_login(coordinator)
    mark = reverse("mark-evidence", args=[gap.pk, "legal"])
    sent = {"state": "seen", "note": "My words", "version": "1"}
    other = reverse("mark-evidence", args=[gap.pk, "siblings"])
    assert client.post(other, sent).status_code == 302
    answer = client.post(mark, sent)
    assert answer.status_code == 409
    assert "My words" in answer.content.decode()


def test_marking_after_the_endorsement_says_that_it_becomes_void(
    client: Client, hunter: District, coordinator: User, cfdu: User
) -> None:
    change = _careful_case(hunter, coordinator, cfdu)
    client.force_login(coordinator)
    assert "The endorsement then becomes void" in client.get(address_of(change)).content.decode()
    version = change.consultation.version
    sent = {"state": "seen", "note": "Held.", "version": str(version)}
    mark = reverse("mark-evidence", args=[change.pk, "cultural"])
    assert client.post(mark, sent).status_code == 302
    assert reload_change(change).status == Status.PROPOSED


def test_nobody_else_marks(
    client: Client, hunter: District, coordinator: User, cfdu: User, stranger: User
) -> None:
    change = _careful_case(hunter, coordinator, cfdu)
    mark = reverse("mark-evidence", args=[change.pk, "cultural"])
    for person, status in ((cfdu, 403), (stranger, 404)):
        client.force_login(person)
        assert client.post(mark, {"state": "seen", "version": "1"}).status_code == status
    client.force_login(cfdu)
    assert "Mark it here" not in client.get(address_of(change)).content.decode()


def test_nothing_is_marked_once_it_is_decided(
    client: Client, child: Child, coordinator: User, cfdu: User
) -> None:
    change = change_in(Status.DECLINED, child, coordinator=coordinator, approver=cfdu)
    Evidence.objects.filter(consultation=change.consultation, kind="legal").update(state="missing")
    client.force_login(coordinator)
    mark = reverse("mark-evidence", args=[change.pk, "legal"])
    assert client.post(mark, {"state": "seen", "version": "1"}).status_code == 409
    assert "Mark it here" not in client.get(address_of(change)).content.decode()


def test_the_steps_of_the_form_are_decisions_and_asking_for_more() -> None:
    from consultations.goal_changes.presentation import decisions_offered

    offers: list[tuple[Step, tuple[str, ...]]] = [(Step.DECLINE, ()), (Step.ASK_FOR_MORE, ())]
    assert decisions_offered([(Step.APPROVE, ("No.",)), *offers]) == [
        Step.DECLINE,
        Step.ASK_FOR_MORE,
    ]
    assert decisions_offered([(Step.ASK_FOR_MORE, ()), (Step.WITHDRAW, ())]) == []
