"""Text keys for the matters that notices are about: the outbox below knows no foreign key upward.

A new due date is a new matter, so each key ends with its day. A prefix names all the matters of one
row, and ends with a colon so that goal 1 is not taken for goal 12.
"""

from datetime import date


def of_goal(goal: int) -> str:
    """Return the prefix of every matter of a case plan goal."""
    return f"goal:{goal}:"


def of_goal_reviews(goal: int) -> str:
    """Return the prefix of every review of a case plan goal."""
    return f"{of_goal(goal)}review:"


def review(goal: int, due_on: date) -> str:
    """Return the matter of a goal's review that falls due on this day."""
    return f"{of_goal_reviews(goal)}{due_on.isoformat()}"


def of_goal_two_years(goal: int) -> str:
    """Return the prefix of every two-year date of a case plan goal."""
    return f"{of_goal(goal)}two_year:"


def two_year(goal: int, on: date) -> str:
    """Return the matter of a goal's two-year date."""
    return f"{of_goal_two_years(goal)}{on.isoformat()}"


def of_order(order: int) -> str:
    """Return the prefix of every matter of a court order."""
    return f"order:{order}:"


def order(order: int, expires_on: date) -> str:
    """Return the matter of a court order's expiry."""
    return f"{of_order(order)}{expires_on.isoformat()}"


def of_action(action: int) -> str:
    """Return the prefix of every matter of an action."""
    return f"action:{action}:"


def action(action: int, due_on: date) -> str:
    """Return the matter of an action's due date."""
    return f"{of_action(action)}{due_on.isoformat()}"


def of_change(change: int) -> str:
    """Return the prefix of every matter of a goal change."""
    return f"change:{change}:"


def change(change: int, status: str, version: int) -> str:
    """Return the matter of a goal change that stands here since this version of it."""
    return f"{of_change(change)}{status}:{version}"
