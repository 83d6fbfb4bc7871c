"""Goals coming into force and ending, and everything that moves their two dates.

Every verb locks the child first, so that of two people acting at once the second sees what the
first has done; each writes its history entry in the same transaction.
"""

from permanency.services.goals.marks import (
    extension_errors,
    mark_intensive,
    record_achievement,
    record_extension,
    record_move_home,
    record_outcome,
    review_held,
    unmark_intensive,
)
from permanency.services.goals.record import goal_in_force, lock, locked
from permanency.services.goals.spells import (
    OPENED,
    end_goals_of_adults,
    open_with_goal_in_force,
    opening_errors,
    put_in_force,
    refresh_clocks,
)
from permanency.services.rights import writer_appointment

__all__ = [
    "OPENED",
    "end_goals_of_adults",
    "extension_errors",
    "goal_in_force",
    "lock",
    "locked",
    "mark_intensive",
    "open_with_goal_in_force",
    "opening_errors",
    "put_in_force",
    "record_achievement",
    "record_extension",
    "record_move_home",
    "record_outcome",
    "refresh_clocks",
    "review_held",
    "unmark_intensive",
    "writer_appointment",
]
