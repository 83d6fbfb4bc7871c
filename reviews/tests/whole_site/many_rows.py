"""Fills the furnished house with two hundred more of everything, quickly and without the services.

The rows are copies of what the services made, so a page has as much to say about each of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from consultations.models import Consultation, Decision, GoalChange
from consultations.tests.cases import TODAY
from consultations.workflow import Status
from directory import history
from directory.models import (
    Allocation,
    Appointment,
    District,
    HistoryEntry,
    Inbox,
    Mail,
    Notice,
    Office,
    Provider,
    User,
)
from directory.roles import Role
from permanency.models import Action, CareEpisode, CasePlanGoal, Child, CourtOrder, Extension
from permanency.models.children import new_reference
from reviews.models import GoalReview
from reviews.tests.whole_site.fixtures import SiteObjects

CHILDREN = 200
MANY = 60
M = TypeVar("M", bound=Model)


def add_many_rows(house: SiteObjects) -> None:
    """Add children, their changes and reviews, people, places and mails to the house."""
    districts = _places()
    people = _people(house, districts)
    for whose in ("PSP", "DCJ"):
        objects = house.sets[whose]
        for status in (Status.ENDORSED, Status.PROPOSED):
            _copy_cases(GoalChange.objects.get(pk=objects[f"{status} change"]), districts, people)
        _fill_case(objects, people)
    _mails(house)
    if connection.vendor == "postgresql":
        # To autovacuum these tables are empty, as nothing here is committed: after it has passed,
        # the database would plan for no row and loop through all of them for each.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _copy_of(row: M, **changes: Any) -> M:
    """Return a copy of a row that is not saved yet."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return type(row)(**{field.attname: getattr(row, field.attname) for field in fields} | changes)


def _places() -> list[District]:
    """Return Hunter and a dozen new districts, each with an inbox, offices and providers."""
    hunter = District.objects.get(slug="hunter")
    inboxes = Inbox.objects.bulk_create(
        Inbox(name=f"Inbox {n}", address=f"inbox{n}@example.org") for n in range(12)
    )
    districts = District.objects.bulk_create(
        District(name=f"District {n}", slug=f"district-{n}", inbox=inbox)
        for n, inbox in enumerate(inboxes)
    )
    every = [hunter, *districts]
    Office.objects.bulk_create(
        Office(name=f"Office {n}", district=every[n % len(every)]) for n in range(2 * MANY)
    )
    providers = Provider.objects.bulk_create(Provider(name=f"Provider {n}") for n in range(MANY))
    through = Provider.districts.through
    through.objects.bulk_create(
        through(provider_id=provider.pk, district_id=district.pk)
        for provider in providers
        for district in every[:3]
    )
    return every


def _people(house: SiteObjects, districts: list[District]) -> list[User]:
    """Return many Coordinators with offices and providers of their own."""
    people: list[User] = User.objects.bulk_create(
        User(email=f"person{n}@example.org", name=f"Person {n}") for n in range(CHILDREN)
    )
    since = TODAY - timedelta(days=900)
    Appointment.objects.bulk_create(
        Appointment(
            person=person,
            role=Role.COORDINATOR,
            district=districts[n % len(districts)],
            starts_on=since,
        )
        for n, person in enumerate(people)
    )
    hunter = list(Office.objects.filter(district=districts[0], retired_on=None))
    providers = list(Provider.objects.filter(retired_on=None))
    one = house.sets["-"]["person"]
    Appointment.objects.bulk_create(
        Appointment(person_id=one, role=Role.CFDU, district=each, starts_on=since)
        for each in districts
    )
    places: list[dict[str, Any]] = [
        *({"office": each} for each in hunter),
        *({"provider": each} for each in providers),
    ]
    Allocation.objects.bulk_create(
        Allocation(person=person, **place, starts_on=since)
        for place, person in zip(places, people, strict=False)
    )
    Allocation.objects.bulk_create(
        Allocation(person_id=one, **place, starts_on=since) for place in places
    )
    return people


def _copy_cases(change: GoalChange, districts: list[District], people: list[User]) -> None:
    """Copy the child of a change with goal, consultation and change, a few for other districts."""
    child, goal, consultation = change.child, change.current_goal, change.consultation
    assert goal is not None
    children = Child.objects.bulk_create(
        _copy_of(
            child,
            reference=new_reference(),
            childstory_id=f"{chr(65 + change.pk % 26)}{n:04}",
            district_id=districts[n % len(districts) if n % 5 == 0 else 0].pk,
        )
        for n in range(CHILDREN // 4)
    )
    goals = CasePlanGoal.objects.bulk_create(
        _copy_of(goal, child_id=each.pk, review_due_on=TODAY + timedelta(days=n - 20))
        for n, each in enumerate(children)
    )
    held = Consultation.objects.bulk_create(
        _copy_of(consultation, child_id=each.pk, by_id=people[n].pk)
        for n, each in enumerate(children)
    )
    changes = GoalChange.objects.bulk_create(
        _copy_of(
            change,
            child_id=each.pk,
            current_goal_id=goals[n].pk,
            consultation_id=held[n].pk,
        )
        for n, each in enumerate(children)
    )
    Decision.objects.bulk_create(
        _copy_of(decision, goal_change_id=each.pk)
        for decision in change.decisions.all()
        for each in changes
    )
    for n, each in enumerate(children):
        _add_case_rows(each, goals[n], people[n])


def _add_case_rows(child: Child, goal: CasePlanGoal, person: User) -> None:
    """Give a copied child what lists tell beside the goal."""
    CourtOrder.objects.create(
        child=child, kind=CourtOrder.Kind.SHORT_TERM, expires_on=TODAY + timedelta(days=40)
    )
    agreed = {"agreed_on": TODAY - timedelta(days=50), "due_on": TODAY - timedelta(days=9)}
    Action.objects.create(child=child, what="Ask", who=person.name, owner=person, **agreed)
    GoalReview.objects.create(
        child=child,
        goal=goal,
        outcome=GoalReview.Outcome.NOT_HELD,
        not_held_reasons="Ill.",
        by=person,
        recorded_on=TODAY,
    )


def _fill_case(objects: dict[str, int], people: list[User]) -> None:
    """Give one child, one consultation, one review and one change many rows of each kind."""
    child = Child.objects.get(pk=objects["child"])
    goal = child.goals.get(ended_on=None)
    extension = goal.extensions.all()[0]
    review = GoalReview.objects.get(pk=objects["review"])
    consultation = Consultation.objects.get(pk=objects["consultation"])
    days = [TODAY - timedelta(days=10 * n + 5) for n in range(MANY)]
    CourtOrder.objects.bulk_create(
        CourtOrder(child=child, kind=CourtOrder.Kind.INTERIM, starts_on=day, ended_on=day)
        for day in days
    )
    CareEpisode.objects.bulk_create(
        CareEpisode(child=child, entered_on=day, left_on=day) for day in days
    )
    Extension.objects.bulk_create(
        _copy_of(extension, extended_to=extension.extended_to + timedelta(days=n + 1))
        for n in range(MANY)
    )
    CasePlanGoal.objects.bulk_create(
        _copy_of(goal, effective_on=day, ended_on=day, end_reason="changed") for day in days
    )
    GoalReview.objects.bulk_create(
        _copy_of(review, held_on=day, recorded_on=TODAY, by_id=people[n].pk)
        for n, day in enumerate(days)
    )
    actions = Action.objects.bulk_create(
        Action(
            child=child, what="Ask", who=people[n].name, owner=people[n], agreed_on=day, due_on=day
        )
        for n, day in enumerate(days)
    )
    review.actions.add(*actions)
    consultation.actions.add(*actions)
    _fill_consultations(child, consultation, objects, people)
    first = HistoryEntry.objects.filter(child_number=child.pk).first()
    assert first is not None
    history.record_many(_copy_of(first, by_id=each.pk) for each in people)


def _fill_consultations(
    child: Child, consultation: Consultation, objects: dict[str, int], people: list[User]
) -> None:
    held = Consultation.objects.bulk_create(
        _copy_of(consultation, by_id=people[n].pk) for n in range(MANY)
    )
    declined = GoalChange.objects.get(pk=objects["declined change"])
    GoalChange.objects.bulk_create(
        _copy_of(declined, child_id=child.pk, consultation_id=each.pk)
        for each in (*held, *[consultation] * MANY)
    )
    endorsed = GoalChange.objects.get(pk=objects["endorsed change"])
    last = endorsed.decisions.all()[0]
    Decision.objects.bulk_create(_copy_of(last, by_id=people[n].pk) for n in range(MANY))


def _mails(house: SiteObjects) -> None:
    mail = Mail.objects.get(pk=house.sets["-"]["mail"])
    states = [Mail.State.KEPT, Mail.State.PARKED, Mail.State.UNDELIVERABLE]
    mails = Mail.objects.bulk_create(
        _copy_of(
            mail,
            on=mail.on - timedelta(days=n + 1),
            message_id=f"<copy{n}@example.org>",
            state=states[n % 3],
        )
        for n in range(CHILDREN)
    )
    notice = mail.notices.all()[0]
    child = house.sets["PSP"]["child"]
    Notice.objects.bulk_create(
        _copy_of(notice, occurrence=f"district:{each.pk}", child_number=child, mail_id=each.pk)
        for each in mails
    )
    elsewhere = HistoryEntry.objects.filter(child_number=None)[0]
    history.record_many(_copy_of(elsewhere) for _ in mails)
