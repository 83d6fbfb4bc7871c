"""Furnishes a database so that every page has something on it, and finds the address of each page.

Everything with a rule is made by the services. The children of each set have a name that stands
nowhere else, so that a page which lets one slip can be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse

from consultations.models import Evidence
from consultations.records import services as consultations
from consultations.tests.cases import EFFECTIVE_ON, TODAY, change_in, consult, make_child, open_goal
from consultations.workflow import Status
from directory.accounts import sso
from directory.accounts.mfa import add_app
from directory.models import (
    Appointment,
    CalendarFeed,
    District,
    Inbox,
    Mail,
    Notice,
    Office,
    Provider,
    User,
)
from directory.people import appointments
from directory.people import services as people_services
from directory.roles import CaseManagement, Role
from directory.tests.people import CAST, SINCE, make_district, make_one_of_the_cast, make_person
from directory.web import calendar_links
from permanency.access import services as restrictions
from permanency.care import services as care
from permanency.goals import intensive, lifecycle, store, two_years
from permanency.models import Child, CourtOrder, RuleVersion
from permanency.policy.months import add_months
from permanency.policy.rules import VERSION_1
from permanency.rules import services as rules
from permanency.tests.factories import make_action
from reviews.held.corrections import correct
from reviews.held.services import ReviewContent, hold
from reviews.tests.whole_site.routes import EVERYBODY, ObjectScope, RouteRow

FIRST_NAME, LAST_NAME = "Quillon", "Zebedee"
NAMES = {
    "PSP": (FIRST_NAME, LAST_NAME),
    "DCJ": ("Orlagh", LAST_NAME),
    "restricted": ("Peregrine", "Zebedee"),
    "away": ("Ignatia", "Xenakis"),
}
EVERY_NAME = frozenset(name.encode() for pair in NAMES.values() for name in pair)
SCOPE_SETS = {ObjectScope.ELSEWHERE: "away", ObjectScope.RESTRICTED: "restricted"}
# Whose children a person may see; whoever is not named here sees none.
VISIBLE_SETS = {
    "coordinator": {"PSP", "DCJ", "restricted"},
    "cfdu": {"PSP", "restricted"},
    "casework_manager": {"DCJ"},
    "district_manager": {"PSP", "DCJ"},
    "mpp": {"PSP", "DCJ", "away"},
    "both": {"PSP", "DCJ"},
    "stranger": {"away"},
}
# Where children are seen by their references alone: restricted ones by who leads; those of whom a
# piece of work needs a new home by an administrator.
REFERENCE_PAGES = {
    "mpp": {"restricted-children", "name-from-list"},
    "administrator": {"open-work"},
}
UNREACHABLE_URL = "http://127.0.0.1:9"  # the port at which nothing answers
MISSING_NUMBER = 987_654_321

# What stands in the address of each route: the arguments and, after "?", the query. The words are
# kinds of objects; {} is the further word of the table's line; what begins with "=" is literal.
ROUTE_OBJECTS: dict[str, dict[str, str]] = {
    "child": {"pk": "child"},
    "child-consultations": {"pk": "child"},
    "child-reviews": {"pk": "child"},
    "child-clock": {"pk": "child"},
    "child-history": {"pk": "child"},
    "child-seen": {"pk": "child"},
    "edit-child": {"pk": "child"},
    "child-access": {"pk": "child"},
    "restrict-child": {"pk": "child"},
    "name-person": {"pk": "restricted child"},
    "take-off-person": {"pk": "restricted child", "naming": "naming"},
    "lift-restriction": {"pk": "restricted child"},
    "name-from-list": {"pk": "restricted child"},
    "open-goal": {"pk": "child without a goal"},
    "mark-intensive": {"pk": "child"},
    "record-achievement": {"pk": "child"},
    "correct-mark": {"pk": "child", "mark": "mark"},
    "correct-achievement": {"pk": "child with permanency"},
    "new-extension": {"pk": "child"},
    "correct-extension": {"pk": "child", "extension": "extension"},
    "new-care-episode": {"pk": "child without a goal"},
    "edit-care-episode": {"pk": "care episode"},
    "new-court-order": {"pk": "child"},
    "edit-court-order": {"pk": "court order"},
    "action-done": {"pk": "action"},
    "new-consultation": {"?child": "child"},
    "consultation": {"pk": "{} consultation"},
    "consultation-versions": {"pk": "{} consultation"},
    "edit-consultation": {"pk": "{} consultation"},
    "strike-consultation": {"pk": "consultation"},
    "new-goal-change": {"?consultation": "consultation"},
    "goal-change": {"pk": "{} change"},
    "edit-goal-change": {"pk": "{} change"},
    "mark-evidence": {"pk": "change without legal advice", "kind": "=legal"},
    "take-step": {"pk": "change to {}", "step": "={}"},
    "record-case-plan": {"pk": "approved change"},
    "new-review": {"?child": "child", "?held": "={}"},
    "review": {"pk": "review"},
    "review-versions": {"pk": "review"},
    "correct-review": {"pk": "review"},
    "correct-review-date": {"pk": "review"},
    "strike-review": {"pk": "review"},
    "correct-goal": {"pk": "goal"},
    "dashboard": {"slug": "={}"},
    "mail": {"pk": "mail"},
    "rules-version": {"version": "draft of rules"},
    "publish-rules": {"version": "draft of rules"},
    "withdraw-rules": {"version": "draft of rules"},
    "revoke-calendar": {"pk": "calendar"},
    "calendar-feed": {"token": "={}"},
    "retry-mail": {"pk": "stuck mail"},
    "person": {"pk": "person"},
    "edit-person": {"pk": "person"},
    "person-reading": {"pk": "person"},
    "open-work": {"pk": "person"},
    "new-password": {"pk": "person"},
    "remove-factor": {"pk": "app of nobody"},
    "remove-factors": {"pk": "person"},
    "remove-single-sign-on": {"pk": "person"},
    "disable-person": {"pk": "person"},
    "enable-person": {"pk": "disabled person"},
    "open-link": {"pk": "=1", "token": "={}"},
    "send-link": {"pk": "person"},
    "unlock-person": {"pk": "person"},
    "new-appointment": {"pk": "person"},
    "end-appointment": {"pk": "appointment"},
    "cancel-appointment": {"pk": "appointment to come"},
    "new-allocation": {"pk": "person"},
    "end-allocation": {"pk": "allocation"},
    "edit-district": {"pk": "district"},
    "edit-inbox": {"pk": "inbox"},
    "retire-inbox": {"pk": "spare inbox"},
    "bring-back-inbox": {"pk": "retired inbox"},
    "edit-office": {"pk": "office"},
    "retire-office": {"pk": "office"},
    "bring-back-office": {"pk": "retired office"},
    "edit-provider": {"pk": "provider"},
    "retire-provider": {"pk": "provider"},
    "bring-back-provider": {"pk": "retired provider"},
}
# The status that a change must have for a step.
STEP_STATUSES = {
    "propose": "draft",
    "endorse": "proposed",
    "not_endorse": "proposed",
    "ask_for_more": "endorsed",
    "approve": "endorsed",
    "decline": "endorsed",
    "start_again": "declined",
    "withdraw": "endorsed",
}
Objects = dict[str, int]


@dataclass(frozen=True)
class SiteObjects:
    """The furnished objects, in sets.

    PSP, DCJ and `restricted` are of Hunter, `away` of Sydney, and "-" are the rest.
    """

    sets: dict[str, Objects]
    identifying_words: dict[str, frozenset[bytes]]  # what would tell of the children of a set
    references: frozenset[bytes] = frozenset()

    def hidden_words(self, who: str, route: str = "") -> frozenset[bytes]:
        """Return the words that no answer to this person may hold, at this address."""
        seen = VISIBLE_SETS.get(who, set[str]())
        shown = frozenset[bytes]().union(*(self.identifying_words[whose] for whose in seen))
        if route in REFERENCE_PAGES.get(who, set()):
            shown |= self.references
        return frozenset[bytes]().union(*self.identifying_words.values()) - shown

    def address(self, row: RouteRow, scope: ObjectScope = ObjectScope.HUNTER) -> str:
        """Return the address that a line of the table is about, with an object of this scope."""
        objects = self.sets.get(SCOPE_SETS.get(scope, row.whose), {})
        exists = scope is not ObjectScope.NOTHING
        found: dict[str, int | str] = {}
        for name, kind in ROUTE_OBJECTS.get(row.route, {}).items():
            wanted = kind.format(row.word).strip()
            if not wanted.startswith("="):
                found[name] = objects[wanted] if exists else MISSING_NUMBER
            elif wanted != "=":
                found[name] = wanted[1:] if exists or name != "slug" else "no-such-district"
        query = {name[1:]: value for name, value in found.items() if name.startswith("?")}
        path = reverse(row.route, kwargs={k: v for k, v in found.items() if not k.startswith("?")})
        return f"{path}?{urlencode(query)}" if query else path


def has_object(row: RouteRow) -> bool:
    """Say whether a number or a name in the address says what the line is about."""
    kinds = {
        name: kind for name, kind in ROUTE_OBJECTS.get(row.route, {}).items() if kind[0] != "="
    }
    return bool(kinds) or "slug" in ROUTE_OBJECTS.get(row.route, {})


def make_everybody() -> dict[str, User]:
    """Return everybody of the table who can sign in, made."""
    people = {who: make_one_of_the_cast(who) for who in EVERYBODY if who in CAST}
    hunter = make_district("Hunter")
    both = make_person("Bo Both", Role.COORDINATOR, hunter)
    Appointment.objects.create(
        person=both, role=Role.CFDU, district=hunter, starts_on=SINCE, instrument="Acting"
    )
    return people | {
        "both": both,
        "neighbour": make_person("Nic Neighbour", Role.COORDINATOR, make_district("Next Door")),
        "disabled": make_person("Dis Abled", Role.COORDINATOR, hunter),
    }


@transaction.atomic
def make_site_objects(people: Mapping[str, User]) -> SiteObjects:
    """Return the house of these people of Hunter, with a case of each kind in it."""
    hunter, sydney = make_district("Hunter"), make_district("Sydney")
    directory = _directory(people, hunter)
    office = Office.objects.get(pk=directory["office"])
    provider = Provider.objects.get(pk=directory["provider"])
    by_provider = {"case_managed_by": CaseManagement.PSP, "provider": provider}
    by_dcj = {"case_managed_by": CaseManagement.DCJ, "provider": None}
    coordinator, stranger = people["coordinator"], people["stranger"]
    away = make_person("Ash Away", Role.CFDU, sydney)
    _share_the_inbox(hunter, people.get("neighbour"))
    psp = _child_fields("PSP", district=hunter, office=office, **by_provider)
    dcj = _child_fields("DCJ", district=hunter, office=office, **by_dcj)
    kept = _child_fields("restricted", district=hunter, office=office, **by_provider)
    elsewhere = _child_fields("away", district=sydney, case_managed_by=CaseManagement.PSP)
    sets = {
        "PSP": _cases(coordinator, people["cfdu"], psp),
        "DCJ": _cases(coordinator, people["casework_manager"], dcj),
        "restricted": _cases(coordinator, people["cfdu"], kept),
        "away": _cases(stranger, away, elsewhere),
        "-": directory,
    }
    first, last = NAMES["restricted"]
    for child in Child.objects.filter(first_name=first, last_name=last, restricted_on=None):
        _restrict(child, people["cfdu"], by=coordinator)
    sets["-"]["restricted child"] = sets["restricted"]["restricted child"]
    identifying_words = {whose: _identifying_words(names) for whose, names in NAMES.items()}
    every = Child.objects.values_list("reference", flat=True)
    return SiteObjects(
        sets, identifying_words, frozenset(reference.encode() for reference in every)
    )


def _child_fields(whose: str, **facts: Any) -> dict[str, Any]:
    first, last = NAMES[whose]
    return {"first_name": first, "last_name": last, **facts}


def _identifying_words(names: tuple[str, str]) -> frozenset[bytes]:
    """Return the names, references and numbers of the children of these names."""
    first, last = names
    children = Child.objects.filter(first_name=first, last_name=last)
    rows = children.values_list("first_name", "last_name", "reference", "childstory_id")
    return frozenset(word.encode() for row in rows for word in row)


def _restrict(child: Child, other: User, *, by: User) -> None:
    """Restrict a child to two people: who restricts it, and another."""
    who: dict[str, Any] = {"reasons": "The family is known to staff.", "by": by, "on": TODAY}
    restrictions.restrict(child, **who)
    restrictions.name_person(child, other, **who)


def _share_the_inbox(hunter: District, neighbour: User | None) -> None:
    """Let the district of the neighbour be served by the inbox of Hunter."""
    if neighbour is not None:
        shared = District.objects.filter(appointments__person=neighbour)
        shared.update(inbox=hunter.inbox)


def _cases(coordinator: User, approver: User, facts: dict[str, Any]) -> Objects:
    """Return a child with everything, and one child for each state that a change can be in."""
    objects = _whole_case(make_child(**facts), coordinator)
    objects["child without a goal"] = make_child(**facts).pk
    objects["child with permanency"] = _with_permanency(make_child(**facts), coordinator).pk
    for status in Status:
        child = make_child(**facts)
        open_goal(child)
        change = change_in(status, child, coordinator=coordinator, approver=approver)
        objects[f"{status.value} change"] = change.pk
    objects["change without legal advice"] = objects["draft change"]
    drafted_on = Evidence.objects.filter(consultation__goal_changes=objects["draft change"])
    drafted_on.filter(kind=Evidence.Kind.LEGAL).update(state=Evidence.State.MISSING)
    objects |= _restricted(make_child(**facts), coordinator, approver)
    for step, start in STEP_STATUSES.items():
        objects[f"change to {step}"] = objects[f"{start} change"]
    return objects


def _with_permanency(child: Child, coordinator: User) -> Child:
    open_goal(child)
    achieved: dict[str, Any] = {"achieved_on": TODAY, "by": coordinator, "on": TODAY}
    lifecycle.record_achievement(child.goals.get(), **achieved)
    return child


def _restricted(child: Child, coordinator: User, approver: User) -> Objects:
    """Return a child restricted to the coordinator and the approver."""
    _restrict(child, approver, by=coordinator)
    return {"restricted child": child.pk, "naming": child.named_people.all()[0].pk}


def _whole_case(child: Child, coordinator: User) -> Objects:
    who: dict[str, Any] = {"by": coordinator, "on": TODAY}
    episode = care.enter_care(child, entered_on=EFFECTIVE_ON, **who)
    order = care.record_order(
        child,
        kind=CourtOrder.Kind.SHORT_TERM,
        starts_on=EFFECTIVE_ON,
        expires_on=add_months(TODAY, 5),
        **who,
    )
    open_goal(child)
    goal = child.goals.get()
    review = hold(
        goal,
        held_on=TODAY - timedelta(days=1),
        outcome="continue",
        content=ReviewContent(progress="on_track", progress_reasons="Visits are regular."),
        **who,
    )
    written = ReviewContent(progress="on_track", progress_reasons="Visits are weekly and go well.")
    correct(review, written, version=review.version, **who)
    extension = two_years.record_extension(
        store.goal_in_force(child) or goal,
        extended_to=add_months(EFFECTIVE_ON, 30),
        decided_on=TODAY,
        decided_by_name="District executive",
        reasons="More time is needed.",
        **who,
    )
    marked = intensive.mark_intensive(
        store.goal_in_force(child) or goal, reasons="More support is needed.", **who
    )
    intensive.unmark_intensive(marked, reasons="It is there now.", **who)
    action = make_action(child, agreed_on=EFFECTIVE_ON, due_on=TODAY, owner=coordinator)
    recorded = consult(child, coordinator)
    recorded.actions.add(action)
    draft = consultations.save_draft(
        child, typed={}, answers={"question": "Is it time?", "held_on": TODAY}, **who
    )
    return {
        "child": child.pk,
        "goal": goal.pk,
        "extension": extension.pk,
        "mark": marked.marks.get().pk,
        "care episode": episode.pk,
        "court order": order.pk,
        "action": action.pk,
        "review": review.pk,
        "consultation": recorded.pk,
        "draft consultation": draft.pk,
    }


def _directory(people: Mapping[str, User], hunter: District) -> Objects:
    """Return a row of every kind that an administrator edits, and a mail to Hunter's inbox."""
    inbox = hunter.inbox or Inbox.objects.create(name="Hunter", address="hunter@example.org")
    hunter.inbox = inbox
    hunter.save(update_fields=["inbox"])
    office = Office.objects.create(name="Lambton", district=hunter)
    provider = Provider.objects.create(name="Example Care")
    provider.districts.add(hunter)
    coordinator = people["coordinator"]
    who: dict[str, Any] = {"by": people["administrator"], "on": TODAY}
    person = people_services.add_person(email="vera.vacant@example.org", name="Vera Vacant", **who)
    held = appointments.appoint(person, Role.COORDINATOR, hunter, starts_on=EFFECTIVE_ON, **who)
    begins_on = TODAY + timedelta(days=30)
    to_come = appointments.appoint(person, Role.CFDU, hunter, starts_on=begins_on, **who)
    appointments.allocate(person, provider, starts_on=EFFECTIVE_ON, **who)
    allocation = appointments.allocate(coordinator, office, starts_on=EFFECTIVE_ON, **who)
    sso.connect(UNREACHABLE_URL, "who is nobody", by=people["nobody"], on=TODAY, session="none")
    sso.connect(UNREACHABLE_URL, "who is vacant", by=person, on=TODAY, session="none")
    app = add_app(secret="A" * 32, counter=0, by=people["nobody"], on=TODAY, session="none")
    add_app(secret="A" * 32, counter=0, by=person, on=TODAY, session="none")
    disabled = make_person("Des Gone")
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    retired: dict[str, Any] = {"retired_on": TODAY - timedelta(days=3)}
    away = Inbox.objects.create(name="Old", address="old@example.org", **retired)
    closed = Office.objects.create(name="Closed", district=hunter, **retired)
    return {
        "person": person.pk,
        "app of nobody": app.pk,
        "disabled person": disabled.pk,
        "appointment": held.pk,
        "appointment to come": to_come.pk,
        "allocation": allocation.pk,
        "district": hunter.pk,
        "inbox": inbox.pk,
        "spare inbox": Inbox.objects.create(name="Spare", address="spare@example.org").pk,
        "retired inbox": away.pk,
        "office": office.pk,
        "retired office": closed.pk,
        "provider": provider.pk,
        "retired provider": Provider.objects.create(name="Ended Care", **retired).pk,
        "mail": _mail(inbox, hunter).pk,
        "stuck mail": _stuck_mail(inbox).pk,
        "draft of rules": _draft_of_rules().version,
        "calendar": _calendar(coordinator).pk,
    }


def _draft_of_rules() -> RuleVersion:
    """Return a draft by somebody else than who leads the coordinators in the table."""
    drafter = make_person("Dara Drafter", Role.PRACTICE_MANAGER)
    content = {**VERSION_1.as_data(), "clock_months": 18}
    new = rules.NewRules(content, add_months(TODAY, 2), "Practice direction", "recount")
    return rules.draft(new, by=drafter, on=TODAY)


def _calendar(person: User) -> CalendarFeed:
    """Return the feed of a person whose secret stands in the table."""
    digest = calendar_links.token_digest("of-the-house")
    return CalendarFeed.objects.create(person=person, made_by=person, token_digest=digest)


def _stuck_mail(inbox: Inbox) -> Mail:
    return Mail.objects.create(
        inbox=inbox,
        on=TODAY - timedelta(days=299),
        part="digest",
        subject="Two reviews are overdue",
        body="See the list.",
        message_id="<two@example.org>",
        state=Mail.State.UNDELIVERABLE,
        trouble="The mail server answered 550: no such mailbox",
    )


def _mail(inbox: Inbox, district: District) -> Mail:
    mail = Mail.objects.create(
        inbox=inbox,
        address=inbox.address,
        on=TODAY - timedelta(days=300),
        part="digest",
        subject="One review is overdue",
        body="See the list.",
        message_id="<one@example.org>",
        state=Mail.State.KEPT,
    )
    Notice.objects.create(
        kind=Notice.Kind.DIRECTORY_GAP,
        occurrence="district:0",
        inbox=inbox,
        district=district,
        path="/directory/districts/",
        owed_on=TODAY,
        mail=mail,
    )
    return mail
