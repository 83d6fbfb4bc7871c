"""What: children, their care, orders, case plan goals, extensions, actions and the rules."""

from permanency.models.actions import Action
from permanency.models.children import CareEpisode, Child, CourtOrder, cases_visible_to
from permanency.models.goals import CasePlanGoal, Extension
from permanency.models.rules import RuleVersion

__all__ = [
    "Action",
    "CareEpisode",
    "CasePlanGoal",
    "Child",
    "CourtOrder",
    "Extension",
    "RuleVersion",
    "cases_visible_to",
]
