"""Takes steps of the furnished goal changes, each in a process that is forked for it, until as many
of them have fallen as the environment says. Round and round: ask for more, propose, endorse.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import django
from django.db import connections

# Steps that go well, so that what is forked later finds addresses and statements made.
WARM = 3


def step_taker() -> Callable[[int], None]:
    """Return what takes the step that comes next for one of the changes, with all that it needs
    loaded: what is forked later need not load it again.
    """
    from consultations.goal_changes import decisions as goal_changes_decisions
    from consultations.models import GoalChange
    from consultations.workflow import Status
    from directory import clock
    from directory.database import row_security
    from directory.models import User
    from reviews.tests.faults.furnish import APPROVER, COORDINATOR, address

    known: dict[Status, tuple[Callable[..., object], str]] = {
        Status.ENDORSED: (goal_changes_decisions.ask_for_more, APPROVER),
        Status.DRAFT: (goal_changes_decisions.propose, COORDINATOR),
        Status.PROPOSED: (goal_changes_decisions.endorse, COORDINATOR),
    }

    def take_a_step(place: int) -> None:
        row_security.run_process_as_system()
        change = GoalChange.objects.select_related("child__district").order_by("pk")[place]
        step, name = known[Status(change.status)]
        by = User.objects.get(email=address(name))
        step(change, by=by, on=clock.today(), reasons="Said with care.")

    return take_a_step


def main() -> None:
    """Fork a process for each step, from one that has taken each kind of step and lost its line."""
    django.setup()
    take_a_step = step_taker()
    for _ in range(WARM):
        take_a_step(0)
    connections.close_all()
    tally, wanted = Path(os.environ["FAULT_TALLY"]), int(os.environ["FAULT_TIMES"])
    for place in cycle(range(60)):
        if tally.exists() and len(tally.read_text().splitlines()) >= wanted:
            return
        child = os.fork()
        if child == 0:
            status = 1
            try:
                take_a_step(place)
                status = 0
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        if os.WIFEXITED(ended) and os.WEXITSTATUS(ended) != 0:
            raise SystemExit("A step was refused.")


if __name__ == "__main__":
    main()
