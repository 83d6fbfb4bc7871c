"""Which cases a person may see: the one rule for an object, a list and a figure.

It is said a second time, in SQL, by the policies of `permanency/row_security.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import ForeignKey, Q
from django.db.models.fields.related_lookups import RelatedIn

from directory.models import User
from directory.roles import DECIDES_FOR, READS_EVERY_CASE
from permanency.models.restrictions import NamedPerson


@ForeignKey.register_lookup
class Among(RelatedIn):
    """As `in`, but SQLite enters no index by it.

    By it SQLite reads all children of the districts and sorts them, for the first fifty in an order
    that another index holds. PostgreSQL weighs both ways by itself.
    """

    lookup_name = "among"

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return the condition with the plus that keeps SQLite from the index."""
        sql, values = self.as_sql(compiler, connection)
        return f"+{sql}", values


def cases_visible_to(user: User, *, on: date, child: str = "", in_order: bool = False) -> Q:
    """Return the condition that a person may see the case of a child on this day.

    `child` is the path from the model asked to the child, for example "child__". `in_order` says
    that the first few rows in an order that an index holds are asked for.
    """
    named = NamedPerson.objects.in_force(on=on).filter(person=user.pk)
    is_named = Q(**{f"{child}pk__in": named.values("child")})
    within = cases_within_reach(user, on=on, child=child, in_order=in_order)
    return within & (unrestricted(child) | is_named)


def cases_within_reach(user: User, *, on: date, child: str = "", in_order: bool = False) -> Q:
    """Return the condition that a child is within a person's appointments, restricted or not."""
    lookup = "among" if in_order else "in"
    within = user.reach(READS_EVERY_CASE, on=on).q(f"{child}district", lookup=lookup)
    for role, case_management in DECIDES_FOR.items():
        decides = user.reach({role}, on=on)
        if decides:
            within |= decides.q(f"{child}district", lookup=lookup) & Q(
                **{f"{child}case_managed_by": case_management}
            )
    return within


def unrestricted(child: str = "") -> Q:
    """Return the condition that a child is not restricted to named people."""
    return Q(**{f"{child}restricted_on": None})
