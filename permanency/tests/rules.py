"""Versions of the rules as rows for tests that are about what follows from them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from directory.models import User
from permanency.models import RuleVersion
from permanency.policy.goals import Goal
from permanency.policy.rules import VERSION_1, Transition

AT = datetime(2026, 5, 1, 9, tzinfo=UTC)


def put_first_rules_back() -> None:
    """Make version 1 of the rules if it is not there: a test that commits empties every table."""
    RuleVersion.objects.get_or_create(
        version=VERSION_1.version,
        defaults={
            "effective_on": VERSION_1.effective_on,
            "source": VERSION_1.source,
            "content": VERSION_1.as_data(),
            "published_at": datetime(2026, 1, 1, tzinfo=UTC),
        },
    )


def content(*, intensive: int = 3, clock: int = 24, **months: int) -> dict[str, Any]:
    """Return what version 1 says, but for these periods."""
    said = VERSION_1.as_data()
    periods = {**said["review_months"], **{Goal(goal).value: n for goal, n in months.items()}}
    return {**said, "review_months": periods, "intensive_months": intensive, "clock_months": clock}


def publish(
    effective_on: date,
    transition: Transition = Transition.KEEP,
    *,
    is_published: bool = True,
    **periods: int,
) -> RuleVersion:
    """Return the next version, drafted by one person and, unless it stays a draft, published."""
    drafter, publisher = (
        User.objects.get_or_create(email=f"{who}@example.org", defaults={"name": who})[0]
        for who in ("drafter", "publisher")
    )
    by = {"published_by": publisher, "published_at": AT} if is_published else {}
    return RuleVersion.objects.create(
        version=RuleVersion.objects.count() + 1,
        effective_on=effective_on,
        source="Practice direction",
        content=content(**periods),
        transition=transition,
        drafted_by=drafter,
        drafted_at=AT,
        **by,
    )
