"""An agreed action reads as one line, and cannot be due before it was agreed."""

from dataclasses import replace
from typing import Any

import pytest

from permanency.policy.actions import AgreedAction, action_due_on_error, finished_action_error
from permanency.tests.policy.days import day


def test_an_action_reads_as_what_who_and_when() -> None:
    action = AgreedAction("Ring the aunt", "Pat", day("2 Mar 2026"))
    assert str(action) == "Ring the aunt (Pat, by 2 March 2026)"


@pytest.mark.parametrize(
    ("due", "error"),
    [
        ("1 Mar 2026", "The action was agreed on 2 March 2026, so it is due then or later."),
        ("2 Mar 2026", ""),
        ("3 Mar 2026", ""),
    ],
)
def test_an_action_is_due_on_the_day_it_was_agreed_or_later(due: str, error: str) -> None:
    assert action_due_on_error(day(due), held_on=day("2 Mar 2026")) == error


@pytest.mark.parametrize(
    ("said", "is_right"),
    [
        ({}, True),
        ({"number": 7, "is_mine": True}, True),
        ({"what": "Visit again"}, False),
        ({"who": "Kim"}, False),
        ({"due_on": day("2 Jun 2026")}, False),
    ],
)
def test_an_action_that_is_done_stays_as_it_is(said: dict[str, Any], is_right: bool) -> None:
    done = AgreedAction("Visit", "Jo", day("1 Jun 2026"))
    error = finished_action_error(replace(done, **said), done, done_on=day("30 May 2026"))
    assert (error == "") is is_right
    assert is_right or "done on 30 May 2026" in error
