"""Furnishes the template database, in a process of its own: people, children, goals and endorsed
goal changes, made by the services where they have rules. `python -m ...furnish CHANGES`, and
`... more CHANGES` for more of these in what is furnished.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta

import django

COORDINATOR, COLLEAGUE, APPROVER = "Pat Coordinator", "Robin Coordinator", "Chris Approver"
MANAGER, ADMINISTRATOR = "Dale Manager", "Alex Administrator"
DISTRICT = "Bench"
DUE_IN_EACH_DISTRICT = 26
DISTRICTS = 20


def address(name: str) -> str:
    """Return the address with which this person signs in."""
    return f"{name.lower().replace(' ', '.')}@example.org"


def make_template_rows(changes: int) -> None:
    """Make districts with an inbox and children due each, people, and changes."""
    from consultations.tests.cases import TODAY
    from directory.models import Mail
    from directory.places.services import fallback_inbox
    from directory.roles import Role
    from directory.tests.inboxes import make_inbox
    from directory.tests.people import make_district, make_person
    from permanency.models import CasePlanGoal, Child

    bench = make_district(DISTRICT)
    make_inbox("Bench inbox", bench)
    make_person(COORDINATOR, Role.COORDINATOR, bench)
    make_person(APPROVER, Role.CFDU, bench)
    make_person(COLLEAGUE, Role.COORDINATOR, bench)
    make_person(MANAGER, Role.DISTRICT_MANAGER, bench)
    make_person(ADMINISTRATOR, Role.ADMINISTRATOR)
    fallback_inbox(on=TODAY)

    for number in range(1, DISTRICTS + 1):
        district = make_district(f"District {number}")
        make_inbox(f"Inbox {number}", district)
        children = Child.objects.bulk_create(
            Child(
                district=district,
                childstory_id=f"D{number}{each:04}",
                first_name="Robin",
                last_name="Example",
                born_on=TODAY - timedelta(days=3_000),
                case_managed_by="DCJ",
            )
            for each in range(DUE_IN_EACH_DISTRICT)
        )
        CasePlanGoal.objects.bulk_create(
            CasePlanGoal(
                child=child,
                goal="restoration",
                effective_on=TODAY - timedelta(days=200),
                source=CasePlanGoal.Source.OPENED_IN_FORCE,
                review_due_on=TODAY + timedelta(days=2 - each),
            )
            for each, child in enumerate(children)
        )
    make_endorsed_changes(changes)
    Mail.objects.create(
        inbox=bench.inbox, on=TODAY, part="pattern", subject="Permanency: one matter",
        body="One matter. http://127.0.0.1/", message_id="<pattern@bench>",
        state=Mail.State.CANCELLED,
    )  # fmt: skip


def make_endorsed_changes(changes: int) -> None:
    """Make so many changes that wait for approval; what they owe counts as told before a case."""
    from consultations.tests.cases import change_in, make_child, open_goal
    from consultations.workflow import Status
    from directory.mail.notices import settle
    from directory.models import District, Notice, User

    bench = District.objects.get(name=DISTRICT)
    coordinator, approver = (
        User.objects.get(email=address(name)) for name in (COORDINATOR, APPROVER)
    )
    there = bench.children.count()
    for number in range(there, there + changes):
        child = make_child(bench, childstory_id=f"B{number:05}")
        open_goal(child)
        change_in(Status.ENDORSED, child, coordinator=coordinator, approver=approver)
    settle(*Notice.objects.values_list("occurrence", flat=True).distinct())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanency.settings")
    django.setup()
    from directory.database import row_security

    row_security.run_process_as_system()
    *more, number = sys.argv[1:]
    (make_endorsed_changes if more else make_template_rows)(int(number))
