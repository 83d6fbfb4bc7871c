"""Children, their care, orders, case plan goals, extensions, actions and the rules."""

from permanency.models.access import (
    Coordinator,
    NamedPerson,
    cases_visible_to,
    cases_within_reach,
    check_may_write,
    coordinators,
    may_write,
    unrestricted,
    writer_appointment,
)
from permanency.models.children import (
    CareEpisode,
    Child,
    CourtOrder,
    Strikable,
    allocated_to,
    beside_two_years,
    needs_goal,
)
from permanency.models.goals import Action, CasePlanGoal, Extension, IntensiveMark
from permanency.models.rules import RulesTakenEffect, RuleVersion

__all__ = [
    "Action",
    "CareEpisode",
    "CasePlanGoal",
    "Child",
    "Coordinator",
    "CourtOrder",
    "Extension",
    "IntensiveMark",
    "NamedPerson",
    "RuleVersion",
    "RulesTakenEffect",
    "Strikable",
    "allocated_to",
    "beside_two_years",
    "cases_visible_to",
    "cases_within_reach",
    "check_may_write",
    "coordinators",
    "may_write",
    "needs_goal",
    "unrestricted",
    "writer_appointment",
]
