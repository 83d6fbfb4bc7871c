"""Two people saving the same review at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from directory.errors import StepNotAllowedError
from directory.models import User
from permanency.models import Action, CasePlanGoal
from permanency.policy.actions import AgreedAction
from reviews.held.services import ReviewContent, hold
from reviews.models import GoalReview
from reviews.tests.cases import TODAY

pytestmark = pytest.mark.dialect

AT_ONCE = 4


@pytest.mark.django_db(transaction=True)
def test_a_review_saved_by_several_at_once_is_kept_once(
    dcj_goal: CasePlanGoal, coordinator: User
) -> None:
    start = Barrier(AT_ONCE)

    def save(_: int) -> str:
        start.wait()
        try:
            hold(
                dcj_goal,
                held_on=TODAY,
                outcome="continue",
                content=ReviewContent(progress="on_track"),
                actions=[AgreedAction("Ring the school", "Jo", TODAY)],
                by=coordinator,
                on=TODAY,
            )
        except StepNotAllowedError as error:
            return error.reasons[0]
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(AT_ONCE) as people:
        answers = list(people.map(save, range(AT_ONCE)))

    assert answers.count("saved") == 1
    assert all("recorded already" in each for each in answers if each != "saved")
    assert GoalReview.objects.count() == Action.objects.count() == 1
