"""What: children, their care, orders, case plan goals, extensions, actions and the rules."""

from permanency.models.actions import Action
from permanency.models.children import CareEpisode, Child, CourtOrder
from permanency.models.goals import CasePlanGoal, Extension
from permanency.models.restrictions import NamedPerson
from permanency.models.rules import RuleVersion
from permanency.models.scope import cases_visible_to, cases_within_reach, unrestricted

__all__ = [
    "Action",
    "CareEpisode",
    "CasePlanGoal",
    "Child",
    "CourtOrder",
    "Extension",
    "NamedPerson",
    "RuleVersion",
    "cases_visible_to",
    "cases_within_reach",
    "unrestricted",
]
