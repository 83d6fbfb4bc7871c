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
# A report says only that these changed: it may be kept where no child's name belongs.
PRIVATE = frozenset({"FIRST_NAME", "LAST_NAME", "DATE_OF_BIRTH", "CASEWORKER"})
MEANINGS = {
    "ChildStoryID": "1 to 8 letters or digits; the child is known by it",
    "FIRST_NAME": "up to 80 characters",
    "LAST_NAME": "up to 80 characters",
    "DATE_OF_BIRTH": "not in the future",
    "DISTRICT": "the name or the slug of a district in the directory",
    "CASE_MANAGEMENT_RESPONSIBILITY": "who manages the case",
    "PROVIDER": "the name of a provider in the directory; only with PSP",
    "CSC": "the name of an office of the district",
    "ABORIGINAL_STATUS": "Aboriginal or Torres Strait Islander status",
    "CALD": "culturally and linguistically diverse",
    "DATE_FIRST_TIME_ENTRY": "the day of entering care",
    "PLAN_GOAL": "the goal in force; opens a child who has no goal here",
    "PLAN_GOAL_START_DATE": "needed with PLAN_GOAL",
    "FIRST_TWO_YEAR_GOAL_DATE": "when the first two-year goal of this time in care began",
    "LAST_REVIEW_DATE": "when the last review of the goal was held; alone it is not read",
    "ORDER_TYPE": "the court order; none says that there is no open order",
    "LEGAL_ORDER_START_DATE": "needs ORDER_TYPE",
    "LEGAL_ORDER_EXPIRY_DATE": "needs ORDER_TYPE",
    "CASEWORKER": "up to 120 characters",
    "CASEWORKER_ORGANISATION": "up to 120 characters",
}

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


def described(column: str) -> str:
    """Return what a column means and, after a full stop, the values that it may hold."""
    words = f"{MEANINGS[column]}."
    if column in CHOICES:
        words += f" One of: {', '.join(CHOICES[column])}."
    return f"{words} YYYY-MM-DD." if column in DATES else words
