"""How the reviews ahead of each Permanency Coordinator compare with those that they usually hold.

Only managers see who is over the usual pace, by name and in no order of merit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Q

from directory.models import User
from directory.models.people import Reach
from directory.roles import Role
from permanency.models import Coordinator, coordinators
from permanency.models.due import not_18
from permanency.policy.forecast import WEEKS, is_peak, last_day
from reviews.figures.scope import figures_condition, figures_scope_of
from reviews.forecast.weeks import SOON_WEEKS
from reviews.models import GoalReview

LEADER_ROLES = frozenset({Role.DISTRICT_MANAGER, Role.PRACTICE_MANAGER})
REVIEWER_ROLES = frozenset({Role.COORDINATOR})
LOOK_BACK = timedelta(weeks=WEEKS)


@dataclass(frozen=True)
class Workload:
    """The reviews of the four weeks ahead beside those held in the weeks before."""

    coordinator: Coordinator
    ahead: int
    held: int

    @property
    def usual(self) -> float:
        return self.held * SOON_WEEKS / WEEKS

    @property
    def is_over(self) -> bool:
        return bool(self.held) and is_peak(self.ahead, self.usual)


def team_coordinators(user: User, *, on: date) -> list[Coordinator]:
    """Return the Coordinators of the districts that a person manages, by name; often none."""
    leads = user.reach(LEADER_ROLES, on=on)
    if leads.everywhere or not leads:
        return coordinators(on=on) if leads else []
    return [
        each
        for each in coordinators(on=on)
        if each.reach.everywhere or not leads.district_ids.isdisjoint(each.reach.district_ids)
    ]


def person_as_coordinator(user: User, *, on: date) -> Coordinator:
    """Return a person as a Coordinator, with what is allocated to them wherever they see cases."""
    places = list(user.allocations.in_force(on=on).values_list("office", "provider"))
    offices, providers = (frozenset(filter(None, (each[n] for each in places))) for n in (0, 1))
    return Coordinator(user.pk, user.name, offices, providers, Reach(True, frozenset()))


def without_coordinator(people: Iterable[Coordinator]) -> Q:
    """Return the condition that a goal is of a child of none of these people."""
    children = [each.children for each in people]
    return ~reduce(or_, children) if children else Q()


def workloads(people: Sequence[Coordinator], *, by: User, within: Q, on: date) -> list[Workload]:
    """Return the workload of each of these people, in a reader's cases narrowed by a condition.

    Two queries, whatever the number of people and of children.
    """
    ahead = (
        figures_scope_of(by, on=on)
        .goals.filter(
            within, not_18(on, child="child__"), review_due_on__lte=last_day(on, SOON_WEEKS)
        )
        .order_by()
        .values_list("child__district", "child__office", "child__provider")
        .annotate(number=Count("pk"))
    )
    counted = list(ahead)
    held = Counter(
        dict(
            GoalReview.objects.filter(
                within,
                figures_condition(by, on=on),
                by__in=[each.pk for each in people],
                held_on__range=(on - LOOK_BACK + timedelta(days=1), on),
            )
            .order_by()
            .values_list("by")
            .annotate(number=Count("pk"))
        )
    )
    return [
        Workload(
            each,
            sum(
                number
                for district, office, provider, number in counted
                if each.has(district=district, office=office, provider=provider)
            ),
            held[each.pk],
        )
        for each in people
    ]
