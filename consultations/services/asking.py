"""Who asked for a goal change, now and at any time before: rule 7 goes by person, not by edit."""

from __future__ import annotations

from consultations.models import GoalChange
from consultations.policy import is_name_of
from directory.models import User


def is_named(name: str, user: User) -> bool:
    """Say whether a typed name can be this person's, however it is spelled."""
    return is_name_of(name, name=user.name, email=user.email)


def is_named_in(change: GoalChange, user: User) -> bool:
    """Say whether the change, or the consultation it rests on, names this person as asking."""
    typed = change.requested_by_name if change.requested_by_id is None else ""
    return is_named(typed, user) or is_named(change.consultation.asked_by_name, user)


def has_asked(change: GoalChange, user: User) -> bool:
    """Say whether this person was ever down as asking for the change or for one it follows."""
    return change.asked_for_by.filter(pk=user.pk).exists()


def remember(change: GoalChange) -> None:
    """Add who asks now to those who ever asked; nothing takes them away again.

    Called in the transaction of each act that says who asks: drafting, editing, starting again,
    and correcting the consultation. Typed names are kept as the people they can mean.
    """
    asked = [person for person in User.objects.all() if is_named_in(change, person)]
    if change.requested_by is not None:
        asked.append(change.requested_by)
    if change.follows is not None:
        asked.extend(change.follows.asked_for_by.all())
    known = set(change.asked_for_by.values_list("pk", flat=True))
    change.asked_for_by.add(*(each for each in asked if each.pk not in known))
