"""Text keys of the matters that notices are about: `directory` has no foreign keys upward.

A new due date is a new matter, so each key ends with its day. The prefix of all matters of one row
ends with a colon, so that goal 1 is not taken for goal 12.
"""

from datetime import date


def of_goal(goal: int) -> str:
    return f"goal:{goal}:"


def of_goal_reviews(goal: int) -> str:
    return f"{of_goal(goal)}review:"


def review(goal: int, due_on: date) -> str:
    return f"{of_goal_reviews(goal)}{due_on.isoformat()}"


def of_goal_two_years(goal: int) -> str:
    return f"{of_goal(goal)}two_year:"


def two_year(goal: int, on: date) -> str:
    return f"{of_goal_two_years(goal)}{on.isoformat()}"


def of_order(order: int) -> str:
    return f"order:{order}:"


def order(order: int, expires_on: date) -> str:
    return f"{of_order(order)}{expires_on.isoformat()}"


def of_action(action: int) -> str:
    return f"action:{action}:"


def action(action: int, due_on: date) -> str:
    return f"{of_action(action)}{due_on.isoformat()}"


CHANGE = "change:"


def of_change(change: int) -> str:
    return f"{CHANGE}{change}:"


def change(change: int, status: str, version: int) -> str:
    """Return the matter of a goal change with this status since this version of it."""
    return f"{of_change(change)}{status}:{version}"
