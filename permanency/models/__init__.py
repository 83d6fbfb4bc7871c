"""Children, their care, orders, case plan goals, extensions, actions and the rules."""

from permanency.models.access import NamedPerson, cases_visible_to, cases_within_reach, unrestricted
from permanency.models.children import (
    CareEpisode,
    Child,
    CourtOrder,
    allocated_to,
    needs_goal,
)
from permanency.models.goals import Action, CasePlanGoal, Extension
from permanency.models.rules import RulesTakenEffect, RuleVersion

__all__ = [
    "Action",
    "CareEpisode",
    "CasePlanGoal",
    "Child",
    "CourtOrder",
    "Extension",
    "NamedPerson",
    "RuleVersion",
    "RulesTakenEffect",
    "allocated_to",
    "cases_visible_to",
    "cases_within_reach",
    "needs_goal",
    "unrestricted",
]
