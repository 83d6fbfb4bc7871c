"""The main job, end to end, in a real browser with a real worker: from consultation to digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from consultations.models import GoalChange
from directory import clock
from directory.demo_people import DEMO_PASSWORD
from directory.models import Heartbeat, Mail, TickRun
from directory.working_days import is_working_day
from permanency import matters
from permanency.models import Child
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from permanency.tests.worker import Worker
from reviews.demo import making

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def demo(transactional_db: None) -> date:
    """Return the day on which the directory was loaded and the invented cases were made."""
    call_command("load_directory", verbosity=0)
    today = clock.today()
    making.make(children=45, seed=3, today=today)
    return today


@pytest.fixture
def child(demo: date) -> Child:
    """Return a child of a provider in Hunter, with restoration as the goal and nothing open."""
    children = Child.objects.filter(
        district__slug="hunter",
        case_managed_by="PSP",
        goal_changes=None,
        goals__ended_on=None,
        goals__goal=Goal.RESTORATION,
        goals__two_year_on__gt=demo + timedelta(days=40),
    )
    found = children.first()
    assert found is not None, "the demonstration has such a child"
    return found


def become(page: Page, email: str) -> None:
    """Sign in as somebody through the sign-in form, whoever was signed in before."""
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def log_consultation(page: Page, child: Child) -> None:
    page.goto(f"/children/{child.pk}/")
    page.get_by_role("link", name="Log a consultation").first.click()
    for name, words in {
        "asked_by_name": "Jo Tester",
        "asked_by_role": "Caseworker",
        "asked_by_organisation": "Bluegum Family Services",
        "took_part": "Jo Tester, caseworker, Bluegum Family Services",
        "question": "Is guardianship now the better goal?",
        "child_views": "Would like to stay where the dog is.",
        "family_views": "Nan supports guardianship.",
        "cultural_advice": "Kin were asked and agree.",
        "recommendation": "Seek guardianship with the present carers.",
        "reasons": "Settled for two years, and family agrees.",
    }.items():
        page.locator(f"[name={name}]").fill(words)
    page.locator("[name=recommended_goal]").select_option(Goal.GUARDIANSHIP.value)
    for select in page.locator("select[name^=option_]").all():
        select.select_option("yes")
    for text in page.locator("textarea[name^=option_]").all():
        text.fill("Weighed with the family.")
    for field in page.locator("[name^=evidence_]:not(textarea):not([type=text])").all():
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option("seen")
        elif field.get_attribute("value") == "seen":
            field.check()
    page.get_by_role("button", name="Record").click()


def propose_and_endorse(page: Page) -> None:
    page.get_by_role("link", name="Propose a goal change").first.click()
    page.get_by_label("Guardianship", exact=True).check()
    page.locator("[name=requested_by_name]").fill("Jo Tester")
    page.get_by_role("button", name="Propose", exact=True).click()
    page.get_by_role("button", name="Endorse", exact=True).click()


def test_a_change_of_goal_travels_from_consultation_to_digest(
    page: Page, demo: date, child: Child, start_worker: Callable[..., Worker]
) -> None:
    goal = child.goals.get(ended_on=None)
    worker = start_worker()
    worker.wait_for(lambda: Heartbeat.objects.exists() and TickRun.objects.exists())

    become(page, "pc.hunter@example.org")
    log_consultation(page, child)
    propose_and_endorse(page)
    expect(page.locator("main")).to_contain_text("Endorsed")

    become(page, "cfdu.hunter@example.org")
    page.goto("/approvals/")
    change = GoalChange.objects.get(child=child)
    page.locator(f"a[href='/goal-changes/{change.pk}/']").first.click()
    page.get_by_role("button", name="Approve the goal change").click()
    expect(page.locator("main")).to_contain_text("Approved")

    become(page, "pc.hunter@example.org")
    page.goto(f"/children/{child.pk}/")
    main = page.locator("main")
    expect(main).to_contain_text("Guardianship")
    expect(main).to_contain_text(day_in_words(add_months(demo, 6)))
    assert goal.two_year_on is not None
    expect(main).to_contain_text(day_in_words(goal.two_year_on))
    for why in page.get_by_text("Why this date?").all():
        why.click()
    expect(main).to_contain_text("two-year goal first took effect")

    become(page, "manager.hunter@example.org")
    page.goto("/dashboard/hunter/")
    counted = Child.objects.filter(
        district=child.district, goals__ended_on=None, goals__goal=Goal.GUARDIANSHIP
    )
    row = page.locator("tr", has_text="Guardianship")
    expect(row.get_by_role("link")).to_contain_text(str(counted.count()))
    row.get_by_role("link").click()
    expect(page.get_by_role("link", name=child.name)).to_be_visible()

    become(page, "pc.sydney@example.org")
    answer = page.goto(f"/children/{child.pk}/")
    assert answer is not None
    assert answer.status == 404

    morning = _next_working_day(demo)
    call_command("tick", "--on", morning.isoformat(), verbosity=0)
    become(page, "pc.hunter@example.org")
    page.goto("/outbox/")
    mails = Mail.objects.filter(inbox__districts__slug="hunter")
    digest = mails.get(part="digest", on=morning)
    page.locator(f"a[href='/outbox/{digest.pk}/']").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(day_in_words(morning))
    told = mails.filter(notices__occurrence__startswith=matters.of_change(change.pk))
    assert any(child.reference in mail.subject for mail in told)

    everything = "".join(mail.subject + mail.body for mail in Mail.objects.all())
    for each in Child.objects.all():
        assert each.last_name not in everything
        assert day_in_words(each.born_on) not in everything


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
