"""Correcting what a review says. Its dates and its outcome stand: they have moved the clock."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from django.db import transaction

from directory import history
from directory.models import User
from directory.refusals import StaleEditError, StepNotAllowedError
from directory.revisions import Version, versions
from permanency.services import goals
from permanency.services.rights import check_may_write, writer_appointment
from reviews.models import GoalReview
from reviews.services.holding import HELD, Account

CORRECTED = "corrected a review"


def versions_of(review: GoalReview) -> list[Version]:
    """Return the versions of a review, the first one first."""
    return versions(f"review {review.pk}", (HELD, CORRECTED), child_number=review.child_id)


@transaction.atomic
def correct(
    review: GoalReview, account: Account, *, version: int, by: User, on: date
) -> GoalReview:
    """Return the review with its words corrected; before and after stay in the history.

    `version` is the one that the person saw: StaleEditError if somebody saved since.
    """
    child = goals.lock(review.child)
    check_may_write(by, child.district, on=on)
    review = _as_seen(review, version)
    new = asdict(account)
    before, after = history.changes({name: getattr(review, name) for name in new}, new)
    if not after:
        return review
    for name, words in after.items():
        setattr(review, name, words)
    review.version += 1
    review.save(update_fields=[*after, "version"])
    history.record(
        CORRECTED,
        f"review {review.pk}",
        by=by,
        on=on,
        child_number=child.pk,
        district=child.district,
        appointment=writer_appointment(by, child, on=on),
        before=before,
        after=after,
    )
    return review


def _as_seen(review: GoalReview, version: int) -> GoalReview:
    review = GoalReview.objects.select_for_update().get(pk=review.pk)
    if review.held_on is None:
        raise StepNotAllowedError("This review was not held: there is nothing to correct in it.")
    if review.version != version:
        raise StaleEditError("Somebody has corrected this review since you opened it.")
    return review
