"""The columns of an import file and the values that each may hold."""

from __future__ import annotations

from directory.roles import CaseManagement
from permanency.models import Child, CourtOrder
from permanency.policy.goals import AboriginalStatus, Goal

REQUIRED = (
    "ChildStoryID",
    "FIRST_NAME",
    "LAST_NAME",
    "DATE_OF_BIRTH",
    "DISTRICT",
    "CASE_MANAGEMENT_RESPONSIBILITY",
)
OPTIONAL = (
    "PROVIDER",
    "CSC",
    "ABORIGINAL_STATUS",
    "CALD",
    "DATE_FIRST_TIME_ENTRY",
    "PLAN_GOAL",
    "PLAN_GOAL_START_DATE",
    "FIRST_TWO_YEAR_GOAL_DATE",
    "LAST_REVIEW_DATE",
    "ORDER_TYPE",
    "LEGAL_ORDER_START_DATE",
    "LEGAL_ORDER_EXPIRY_DATE",
    "CASEWORKER",
    "CASEWORKER_ORGANISATION",
)
COLUMNS = frozenset((*REQUIRED, *OPTIONAL))

DATES = frozenset(
    {
        "DATE_OF_BIRTH",
        "DATE_FIRST_TIME_ENTRY",
        "PLAN_GOAL_START_DATE",
        "FIRST_TWO_YEAR_GOAL_DATE",
        "LAST_REVIEW_DATE",
        "LEGAL_ORDER_START_DATE",
        "LEGAL_ORDER_EXPIRY_DATE",
    }
)
CHOICES: dict[str, tuple[str, ...]] = {
    "CASE_MANAGEMENT_RESPONSIBILITY": tuple(CaseManagement.values),
    "ABORIGINAL_STATUS": tuple(AboriginalStatus.values),
    "CALD": tuple(Child.Cald.values),
    "PLAN_GOAL": tuple(Goal.values),
    "ORDER_TYPE": tuple(CourtOrder.Kind.values),
}
LENGTHS = {
    "ChildStoryID": 8,
    "FIRST_NAME": 80,
    "LAST_NAME": 80,
    "CASEWORKER": 120,
    "CASEWORKER_ORGANISATION": 120,
}
LONGEST_CELL = 200

# Which column each field of a fact about the child, the goal, the order or the care comes from.
OF_CHILD = {
    "childstory_id": "ChildStoryID",
    "first_name": "FIRST_NAME",
    "last_name": "LAST_NAME",
    "born_on": "DATE_OF_BIRTH",
    "district": "DISTRICT",
    "case_managed_by": "CASE_MANAGEMENT_RESPONSIBILITY",
    "provider": "PROVIDER",
    "office": "CSC",
    "aboriginal_status": "ABORIGINAL_STATUS",
    "cald": "CALD",
    "caseworker": "CASEWORKER",
    "caseworker_organisation": "CASEWORKER_ORGANISATION",
}
OF_GOAL = {
    "goal": "PLAN_GOAL",
    "effective_on": "PLAN_GOAL_START_DATE",
    "first_two_year_goal_on": "FIRST_TWO_YEAR_GOAL_DATE",
    "last_review_held_on": "LAST_REVIEW_DATE",
}
OF_ORDER = {
    "kind": "ORDER_TYPE",
    "starts_on": "LEGAL_ORDER_START_DATE",
    "expires_on": "LEGAL_ORDER_EXPIRY_DATE",
}
ENTERED_CARE = "DATE_FIRST_TIME_ENTRY"
