"""Going through a form in two steps, as a person does: check the dates, then save."""

from typing import Any

from django.test import Client

from directory import clock
from directory.models import User
from permanency.goals import lifecycle
from permanency.models import CasePlanGoal, Child
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.tests.answers import form_data

TODAY = clock.today()
SINCE = add_months(TODAY, -2)


def open_goal(child: Child, by: User, goal: Goal = Goal.RESTORATION, **facts: Any) -> CasePlanGoal:
    """Return a goal opened by the service, so that its dates are what the policy says."""
    facts = {"effective_on": SINCE, "source_note": "ChildStory", **facts}
    return lifecycle.open_with_goal_in_force(child, goal=goal, by=by, on=TODAY, **facts)


def check_then_save(client: Client, url: str, **answers: Any) -> tuple[Any, Any]:
    """Return the page that shows the effect, and the answer to saving what it carries."""
    form = client.get(url).context["form"]
    sent = form_data(about=form.initial.get("about"), **answers)
    shown = client.post(url, {**sent, "check": "1"})
    assert shown.status_code == 200, shown.context["form"].errors
    return shown, save_as_shown(client, url, shown)


def save_as_shown(client: Client, url: str, shown: Any) -> Any:
    """Return the answer to saving what a page with the effect carries."""
    return client.post(url, {**dict(shown.context["carried"]), "save": "1"})


def dates_after(shown: Any) -> list[str]:
    """Return both dates after the step, as the page that checks it shows them."""
    return [effect.after for effect in shown.context["effects"]]
