"""Which cases a person may see: the one rule for an object, a list and a figure.

It is said a second time, in SQL, by the policies of `permanency/row_security.py`.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from directory.models import User
from directory.roles import DECIDES_FOR, READS_EVERY_CASE
from permanency.models.restrictions import NamedPerson


def cases_visible_to(user: User, *, on: date, child: str = "") -> Q:
    """Return the condition that a person may see the case of a child on this day.

    `child` is the path from the model asked to the child, for example "child__".
    """
    named = NamedPerson.objects.in_force(on=on).filter(person=user.pk)
    is_named = Q(**{f"{child}pk__in": named.values("child")})
    return cases_within_reach(user, on=on, child=child) & (unrestricted(child) | is_named)


def cases_within_reach(user: User, *, on: date, child: str = "") -> Q:
    """Return the condition that a child is within a person's appointments, restricted or not."""
    within = user.reach(READS_EVERY_CASE, on=on).q(f"{child}district")
    for role, case_management in DECIDES_FOR.items():
        decides = user.reach({role}, on=on)
        if decides:
            within |= decides.q(f"{child}district") & Q(
                **{f"{child}case_managed_by": case_management}
            )
    return within


def unrestricted(child: str = "") -> Q:
    """Return the condition that a child is not restricted to named people."""
    return Q(**{f"{child}restricted_on": None})
