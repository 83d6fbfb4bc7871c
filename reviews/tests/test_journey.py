"""The main job, end to end, in a real browser with a real worker: from consultation to digest."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from consultations.models import GoalChange
from directory import clock
from directory.accounts.demo_people import DEMO_PASSWORD
from directory.clock import is_working_day
from directory.models import Heartbeat, Mail, TickRun
from permanency import matters
from permanency.models import Child, CourtOrder
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from permanency.tests.worker import Worker
from reviews.demo import build

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.smoke]


@pytest.fixture
def demo(transactional_db: None) -> date:
    """Return the day on which the directory was loaded and the invented cases were made."""
    call_command("load_directory", verbosity=0)
    today = clock.today()
    build.make(children=70, seed=3, today=today)
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
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).not_to_have_url(re.compile("/accounts/login/"))


def log_consultation(page: Page, child: Child) -> None:
    page.goto(f"/children/{child.pk}/")
    page.get_by_role("link", name="Log a consultation").first.click()
    page.get_by_text("Change who asked").click()
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
    for radio in page.locator("[name^=option_][value=yes]").all():
        radio.check()
    for text in page.locator("textarea[name^=option_]").all():
        text.fill("Weighed with the family.")
    page.get_by_role("button", name="Mark all as seen").click()
    page.locator(f"[name=recommended_goal][value={Goal.GUARDIANSHIP.value}]").check()
    page.get_by_role("button", name="Record", exact=True).click()


def propose_and_endorse(page: Page) -> None:
    page.get_by_role("link", name="Propose a goal change").first.click()
    page.get_by_label("Guardianship", exact=True).check()
    page.locator("[name=requested_by_name]").fill("Jo Tester")
    page.get_by_role("button", name="Propose", exact=True).click()
    page.get_by_role("button", name="Endorse", exact=True).click()


def approve(page: Page, change: GoalChange) -> None:
    page.goto("/approvals/")
    page.locator(f"a[href^='/goal-changes/{change.pk}/']").first.click()
    page.locator("label", has_text="Approve").click()
    page.get_by_role("button", name="Check before deciding").click()
    page.get_by_role("button", name="Approve the goal change").click()
    expect(page.locator("main")).to_contain_text("Approved")


def see_new_goal_with_reasons(page: Page, child: Child, *days: date) -> None:
    page.goto(f"/children/{child.pk}/")
    main = page.locator("main")
    for word in ("Guardianship", *map(day_in_words, days)):
        expect(main).to_contain_text(word)
    for why in page.get_by_text("Why this date?").all():
        why.click()
    expect(main).to_contain_text("two-year goal first took effect")


def see_child_behind_the_figure(page: Page, child: Child) -> None:
    page.goto("/dashboard/hunter/")
    counted = Child.objects.filter(
        district=child.district, goals__ended_on=None, goals__goal=Goal.GUARDIANSHIP
    )
    row = page.locator("tr", has_text="Guardianship")
    expect(row.get_by_role("link")).to_contain_text(str(counted.count()))
    row.get_by_role("link").click()
    expect(page.get_by_role("link", name=child.name)).to_be_visible()


def see_digest_of_next_morning(page: Page, change: GoalChange, morning: date) -> None:
    call_command("tick", "--on", morning.isoformat(), verbosity=0)
    mails = Mail.objects.filter(inbox__districts__slug="hunter")
    digest = mails.get(part="digest", on=morning)
    page.goto("/outbox/")
    page.locator(f"a[href='/outbox/{digest.pk}/']").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(day_in_words(morning))
    told = mails.filter(notices__occurrence__startswith=matters.of_change(change.pk))
    assert any(change.child.reference in mail.subject for mail in told)


def assert_no_mail_names_a_child() -> None:
    everything = "".join(mail.subject + mail.body for mail in Mail.objects.all())
    assert everything
    # A mail may name the day of an order, which may be somebody's birthday.
    orders = set(CourtOrder.objects.values_list("starts_on", flat=True))
    for child in Child.objects.all():
        assert child.last_name not in everything
        assert child.born_on in orders or day_in_words(child.born_on) not in everything


def test_a_change_of_goal_travels_from_consultation_to_digest(
    page: Page, demo: date, child: Child, start_worker: Callable[..., Worker]
) -> None:
    two_year_on = child.goals.get(ended_on=None).two_year_on
    assert two_year_on is not None
    worker = start_worker()
    worker.wait_for(lambda: Heartbeat.objects.exists() and TickRun.objects.exists())

    become(page, "pc.hunter@example.org")
    log_consultation(page, child)
    propose_and_endorse(page)
    expect(page.locator("main")).to_contain_text("Endorsed")
    change = GoalChange.objects.select_related("child").get(child=child)

    become(page, "cfdu.hunter@example.org")
    approve(page, change)

    become(page, "pc.hunter@example.org")
    see_new_goal_with_reasons(page, child, add_months(demo, 6), two_year_on)

    become(page, "manager.hunter@example.org")
    see_child_behind_the_figure(page, child)

    become(page, "pc.sydney@example.org")
    answer = page.goto(f"/children/{child.pk}/")
    assert answer is not None
    assert answer.status == 404

    become(page, "pc.hunter@example.org")
    see_digest_of_next_morning(page, change, _next_working_day(demo))
    assert_no_mail_names_a_child()


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
