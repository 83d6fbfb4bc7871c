"""The form of a review in the browser: two steps, rows of actions, and where it leads."""

from __future__ import annotations

import html
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from directory.models import District, User
from directory.templatetags.nsw import form_errors
from permanency.goals.intensive import mark_intensive
from permanency.goals.lifecycle import put_in_force
from permanency.goals.two_years import record_extension
from permanency.models import Action, CasePlanGoal
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from reviews.held.corrections import strike
from reviews.held.services import ReviewContent, hold
from reviews.models import GoalReview
from reviews.tests.cases import TODAY, days_ago, open_child
from reviews.tests.whole_site.form_parser import PageForm, main_form


@pytest.fixture
def goal(hunter: District, coordinator: User) -> CasePlanGoal:
    """Return a restoration goal whose review fell due a month ago."""
    return open_child(hunter, coordinator, effective_on=add_months(TODAY, -7))


@pytest.fixture
def address(goal: CasePlanGoal) -> str:
    """Return where a review of that goal is held."""
    return f"{reverse('new-review')}?child={goal.child_id}"


def boxes(name: str, day: date) -> dict[str, str]:
    """Return what the three boxes of a date send."""
    return {
        f"{name}_day": str(day.day),
        f"{name}_month": str(day.month),
        f"{name}_year": str(day.year),
    }


def sent(held_on: date = TODAY, *, rows: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a complete form as a browser sends it, with so many rows for actions."""
    return {
        **boxes("held_on", held_on),
        "took_part": "Jo Caseworker, caseworker, Example Care",
        "progress": "on_track",
        "progress_reasons": "Visits go well.",
        "outcome": "continue",
        "actions-TOTAL_FORMS": str(rows),
        "actions-INITIAL_FORMS": "0",
        "step": "check",
        **fields,
    }


def shown(
    client: Client, address: str, held_on: date = TODAY, outcome: str = "continue", **fields: Any
) -> dict[str, Any]:
    """Return the form as the second step sends it, the dates having been shown."""
    first = sent(held_on, outcome=outcome, **fields)
    page = client.post(address, first)
    return {**first, "save": "1", "seen": page.context["form"]["seen"].value() or ""}


def test_the_dates_are_shown_before_anything_is_saved(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    page = client.post(address, sent())

    text = page.content.decode()
    assert page.status_code == 200
    assert day_in_words(add_months(TODAY, 6)) in text
    assert "Save the review" in text
    assert '<dd class="app-prose">Visits go well.</dd>' in text
    assert f'name="seen" value="{TODAY.isoformat()} continue, ' in text
    assert f'name="held_on_year" value="{TODAY.year}"' in text
    assert not GoalReview.objects.exists()


def test_the_second_step_saves_and_goes_to_the_child(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    answer = client.post(address, shown(client, address))

    assert answer.headers["Location"] == reverse("child", args=[goal.child_id])
    review = GoalReview.objects.get()
    assert (review.held_on, review.outcome, review.by) == (TODAY, "continue", coordinator)


@pytest.mark.parametrize("changed", [{"outcome": "intensive"}, boxes("held_on", days_ago(1))])
def test_nothing_is_saved_that_was_not_shown(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal, changed: dict[str, str]
) -> None:
    client.force_login(coordinator)
    page = client.post(address, {**shown(client, address), **changed})

    assert page.status_code == 200
    assert "What this review does to the dates" in page.content.decode()
    assert not GoalReview.objects.exists()


def test_dates_that_moved_since_they_were_shown_are_shown_again(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    first = shown(client, address)
    mark_intensive(goal, reasons="Permanency is unlikely.", by=coordinator, on=TODAY)
    page = client.post(address, first)
    assert page.status_code == 200
    assert day_in_words(add_months(TODAY, 3)) in page.content.decode()
    assert not GoalReview.objects.exists()
    again = {**first, "seen": page.context["form"]["seen"].value()}
    assert client.post(address, again).status_code == 302


def test_a_two_year_date_that_moved_since_it_was_shown_is_shown_again(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    first = shown(client, address)
    assert goal.two_year_on is not None
    later = add_months(goal.two_year_on, 6)
    record_extension(
        goal,
        extended_to=later,
        decided_on=TODAY,
        decided_by_name="A Manager",
        reasons="The court sits late.",
        by=coordinator,
        on=TODAY,
    )
    page = client.post(address, first)
    assert page.status_code == 200
    assert day_in_words(later) in page.content.decode()
    assert not GoalReview.objects.exists()


def test_the_same_form_sent_twice_is_a_plain_message(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    first = shown(client, address)
    client.post(address, first)
    again = client.post(address, first)

    assert again.status_code == 422
    assert "is recorded already" in again.content.decode()
    assert GoalReview.objects.count() == 1


def test_an_incomplete_form_keeps_every_typed_word(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    page = client.post(
        address,
        {
            **sent(progress="off_track", progress_reasons=""),
            "held_on_day": "31",
            "held_on_month": "2",
            "barriers": "No housing yet.",
            "actions-0-what": "Book the assessment",
        },
    )

    text = page.content.decode()
    assert page.status_code == 422
    for words in (
        "Enter a real date",
        "Say why the goal is not on track.",
        "Say who will do it.",
        "No housing yet.",
        "Book the assessment",
        'value="31"',
    ):
        assert words in text
    assert not GoalReview.objects.exists()


def test_what_is_missing_is_told_in_the_order_of_the_page(
    client: Client, coordinator: User, address: str
) -> None:
    client.force_login(coordinator)
    page = client.post(address, {"actions-TOTAL_FORMS": "0", "actions-INITIAL_FORMS": "0"})
    assert [f"{each.label}: {each.text}" for each in form_errors(page.context["form"])] == [
        "Date held: Enter a date.",
        "Progress toward the goal: Choose one.",
        "What the review led to: Choose one.",
    ]


def test_another_row_without_a_script_keeps_what_was_typed(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    page = client.post(
        address,
        {
            **sent(),
            "barriers": "No housing yet.",
            "actions-0-what": "Book the assessment",
            "held_on_month": "",
            "add_action": "1",
        },
    )

    text = page.content.decode()
    assert page.status_code == 200
    assert "No housing yet." in text
    assert "Book the assessment" in text
    assert 'name="actions-1-what"' in text
    assert "There is something to put right" not in text
    again = client.post(
        address,
        {
            **sent(),
            "actions-TOTAL_FORMS": "2",
            "actions-INITIAL_FORMS": "1",
            "actions-0-what": "Book the assessment",
            "actions-1-what": "Ring the school",
            "add_action": "1",
        },
    )
    assert 'name="actions-2-what"' in again.content.decode()


def test_actions_are_saved_and_empty_rows_are_not(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    client.post(
        address,
        {
            **shown(client, address, rows=3),
            "actions-0-what": "Book the assessment",
            "actions-0-who": "Jo Caseworker",
            **boxes("actions-0-due_on", days_ago(-14)),
            "actions-2-what": "Ring the school",
            "actions-2-is_mine": "on",
            **boxes("actions-2-due_on", days_ago(-7)),
        },
    )

    assert set(Action.objects.values_list("what", "who", "owner")) == {
        ("Book the assessment", "Jo Caseworker", None),
        ("Ring the school", coordinator.name, coordinator.pk),
    }


def test_an_action_is_not_due_before_the_review(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    page = client.post(
        address,
        {
            **shown(client, address),
            "actions-0-what": "Book the assessment",
            "actions-0-who": "Jo",
            **boxes("actions-0-due_on", days_ago(1)),
        },
    )
    assert page.status_code == 422
    assert "so it is due then or later" in page.content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (boxes("held_on", days_ago(-1)), "must not be in the future"),
        (boxes("held_on", days_ago(40)), "say why it comes late"),
        (boxes("copy_given_on", days_ago(-1)), "must not be in the future"),
        (boxes("copy_given_on", days_ago(1)), "on the day of the review or later"),
        ({"outcome": "intensive", "progress_reasons": ""}, "Say why it needs a review every three"),
        ({"outcome": "not_held"}, "Select a valid choice"),
    ],
)
def test_what_a_review_cannot_say(
    client: Client,
    coordinator: User,
    address: str,
    goal: CasePlanGoal,
    fields: dict[str, str],
    words: str,
) -> None:
    client.force_login(coordinator)
    page = client.post(address, {**sent(), **fields})
    assert page.status_code == 422
    assert words in page.content.decode()


def test_each_outcome_leads_to_what_comes_next(
    client: Client, coordinator: User, hunter: District
) -> None:
    client.force_login(coordinator)
    expected = {
        "change_needed": "{consult}?child={pk}",
        "achieved": "/children/{pk}/goal/achievement/",
        "extension_sought": "/children/{pk}/",
        "intensive": "/children/{pk}/",
    }
    for outcome, where in expected.items():
        goal = open_child(hunter, coordinator)
        address = f"{reverse('new-review')}?child={goal.child_id}"
        answer = client.post(address, shown(client, address, outcome=outcome))
        place = where.format(consult=reverse("new-consultation"), pk=goal.child_id)
        assert answer.headers["Location"] == place
        goal.refresh_from_db()
        assert goal.is_intensive == (outcome == "intensive")


def test_long_term_care_offers_no_outcome_of_two_year_goals(
    client: Client, coordinator: User, hunter: District
) -> None:
    goal = open_child(hunter, coordinator, Goal.LONG_TERM_CARE)
    client.force_login(coordinator)
    text = client.get(f"{reverse('new-review')}?child={goal.child_id}").content.decode()
    assert 'value="change_needed"' in text
    for outcome in ("intensive", "extension_sought", "achieved", "not_held"):
        assert f'value="{outcome}"' not in text


def test_a_review_that_was_not_held(
    client: Client, coordinator: User, address: str, goal: CasePlanGoal
) -> None:
    client.force_login(coordinator)
    due_on = goal.review_due_on
    past = client.post(
        f"{address}&held=no", {"not_held_reasons": "Away.", **boxes("planned_on", days_ago(1))}
    )
    assert past.status_code == 422
    assert "Away." in past.content.decode()

    saved = client.post(
        f"{address}&held=no", {"not_held_reasons": "Away.", **boxes("planned_on", days_ago(-9))}
    )
    assert saved.headers["Location"] == reverse("child", args=[goal.child_id])
    goal.refresh_from_db()
    assert goal.review_due_on == due_on
    overview = client.get(saved.headers["Location"]).content.decode()
    assert f"planned for <strong>{day_in_words(days_ago(-9))}</strong>" in overview


def test_without_a_goal_there_is_nothing_to_review(
    client: Client, coordinator: User, hunter: District
) -> None:
    from permanency.tests.factories import make_child

    child = make_child(hunter)
    client.force_login(coordinator)
    page = client.get(f"{reverse('new-review')}?child={child.pk}")
    assert page.status_code == 409
    assert "nothing to review" in page.content.decode()


@pytest.mark.parametrize("number", ["", "x", "-1", "²", "99999", "9" * 40])
def test_a_child_that_is_not_there_is_not_found(
    client: Client, coordinator: User, goal: CasePlanGoal, number: str
) -> None:
    client.force_login(coordinator)
    assert client.get(reverse("new-review"), {"child": number}).status_code == 404


def test_a_correction_needs_the_version_its_reader_saw(
    client: Client, coordinator: User, goal: CasePlanGoal
) -> None:
    review = hold(
        goal,
        held_on=TODAY,
        outcome="continue",
        content=ReviewContent(progress="on_track"),
        by=coordinator,
        on=TODAY,
    )
    client.force_login(coordinator)
    address = reverse("correct-review", args=[review.pk])
    assert 'name="version" value="1"' in client.get(address).content.decode()

    said = {"progress": "on_track", "barriers": "No housing yet.", "version": "1"}
    assert client.post(address, said).headers["Location"] == reverse("review", args=[review.pk])
    assert client.post(address, said).status_code == 409
    assert client.post(address, {**said, "progress": "at_risk"}).status_code == 422
    page = client.get(reverse("review", args=[review.pk])).content.decode()
    assert "No housing yet." in page


def test_a_goal_that_changed_since_the_dates_were_shown_is_shown_before_it_is_reviewed(
    client: Client, coordinator: User, goal: CasePlanGoal, address: str
) -> None:
    """Else a review of the one would be saved as a review of the other."""
    client.force_login(coordinator)
    seen = client.post(address, sent()).context["effect"].in_words
    put_in_force(goal.child, goal=Goal.GUARDIANSHIP, effective_on=TODAY, by=coordinator, on=TODAY)
    answer = client.post(address, {**sent(), "seen": seen, "save": "1"})
    assert answer.context["effect"].goal.goal == Goal.GUARDIANSHIP
    assert not GoalReview.objects.exists()


def test_a_missed_review_of_a_goal_that_ended_can_still_be_recorded_as_held(
    client: Client,
    coordinator: User,
    stranger: User,
    district_manager: User,
    goal: CasePlanGoal,
) -> None:
    due_on = goal.review_due_on
    assert due_on is not None
    put_in_force(goal.child, goal=Goal.GUARDIANSHIP, effective_on=TODAY, by=coordinator, on=TODAY)
    reviews = reverse("child-reviews", args=[goal.child_id])
    address = f"{reverse('new-review')}?child={goal.child_id}&goal={goal.pk}"
    for person, status in ((stranger, 404), (district_manager, 403)):
        client.force_login(person)
        assert client.get(address).status_code == status
        assert "It was held" not in client.get(reviews).content.decode()
    client.force_login(coordinator)
    assert address.replace("&", "&amp;") in client.get(reviews).content.decode()

    late = sent(due_on, backdated_reasons="It lay in a drawer.")
    checked = client.post(address, late)
    assert checked.context["effect"].dates == []
    assert "This goal has ended" in checked.content.decode()
    seen = checked.context["effect"].in_words
    assert client.post(address, {**late, "seen": seen, "save": "1"}).status_code == 302
    assert GoalReview.objects.get().goal == goal
    assert "It was held" not in client.get(reviews).content.decode()
    other = f"{reverse('new-review')}?child={goal.child_id}&goal={goal.pk + 99}"
    assert client.get(other).status_code == 404


# What stands beside the form, and where the way leads back


def page_form(client: Client, address: str) -> PageForm:
    """Return the form as it is first shown."""
    return main_form(client.get(address).content.decode(), address)


def held_before(goal: CasePlanGoal, by: User) -> GoalReview:
    content = ReviewContent(
        progress="at_risk",
        took_part="Jo Caseworker, caseworker",
        progress_reasons="Visits stopped.",
    )
    day = days_ago(100)
    return hold(goal, held_on=day, outcome="continue", content=content, by=by, on=day)


def open_action(goal: CasePlanGoal, what: str = "Ring the school") -> Action:
    return Action.objects.create(
        child=goal.child, what=what, who="Jo", agreed_on=days_ago(50), due_on=days_ago(20)
    )


def test_the_form_begins_with_today_and_with_who_took_part_last(
    client: Client, coordinator: User, goal: CasePlanGoal, address: str
) -> None:
    last = held_before(goal, coordinator)
    client.force_login(coordinator)
    page = client.get(address).content.decode()
    form = main_form(page, address)
    assert form.fields["took_part"] == [last.took_part]
    assert form.fields["held_on_day"] == [str(TODAY.day)]
    assert "Visits stopped." in page
    assert reverse("review", args=[last.pk]) in page
    strike(last, reasons="Wrong child.", version=last.version, by=coordinator, on=TODAY)
    assert page_form(client, address).fields["took_part"] == [""]


def test_a_review_of_a_goal_that_ended_begins_without_a_day(
    client: Client, coordinator: User, goal: CasePlanGoal
) -> None:
    put_in_force(goal.child, goal=Goal.GUARDIANSHIP, effective_on=TODAY, by=coordinator, on=TODAY)
    client.force_login(coordinator)
    address = f"{reverse('new-review')}?child={goal.child_id}&goal={goal.pk}"
    assert page_form(client, address).fields["held_on_day"] == [""]


def test_open_actions_are_answered_with_the_review(
    client: Client, coordinator: User, goal: CasePlanGoal, address: str
) -> None:
    done = open_action(goal)
    open_action(goal, "Find the aunt")
    client.force_login(coordinator)
    first = client.get(address).content.decode()
    form = main_form(first, address)
    assert f"Jo, overdue since {day_in_words(days_ago(20))}" in first.replace("\n", " ")
    assert form.fields[f"action_{done.pk}"] == ["open"]
    typed = {**sent(), f"action_{done.pk}": "done"}
    page = client.post(address, form.sent(typed)).content.decode()
    assert "Ring the school" in page
    assert not Action.objects.exclude(done_on=None).exists()
    assert client.post(address, main_form(page, address).sent({}, press="save")).status_code == 302
    assert set(Action.objects.values_list("what", "done_on")) == {
        ("Ring the school", TODAY),
        ("Find the aunt", None),
    }


def test_an_action_of_another_child_is_not_answered(
    client: Client, coordinator: User, hunter: District, goal: CasePlanGoal, address: str
) -> None:
    foreign = open_action(open_child(hunter, coordinator))
    client.force_login(coordinator)
    first = {**shown(client, address), f"action_{foreign.pk}": "done"}
    assert client.post(address, first).status_code == 302
    foreign.refresh_from_db()
    assert foreign.done_on is None


def test_why_it_is_late_is_asked_only_for_a_day_long_past(
    client: Client, coordinator: User, goal: CasePlanGoal, address: str
) -> None:
    client.force_login(coordinator)
    asked = "Why it is recorded late"
    assert asked not in client.get(address).content.decode()
    late = client.post(address, sent(days_ago(31)))
    assert late.status_code == 422
    assert 'href="#id_backdated_reasons"' in late.content.decode()
    in_time = client.post(address, sent(days_ago(30)))
    assert in_time.status_code == 200
    assert asked not in in_time.content.decode()
    told = client.post(address, sent(days_ago(31), backdated_reasons="It lay in a drawer."))
    assert "It lay in a drawer." in told.content.decode()


def test_change_leads_to_one_field_and_loses_nothing(
    client: Client, coordinator: User, goal: CasePlanGoal, address: str
) -> None:
    client.force_login(coordinator)
    typed = {
        **sent(barriers="First\r\nsecond"),
        "actions-0-what": "Ring the school",
        "actions-0-who": "Jo",
        **boxes("actions-0-due_on", days_ago(-7)),
    }
    page = client.post(address, typed).content.decode()
    assert f'formaction="{address}#id_barriers"'.replace("&", "&amp;") in page
    assert f"Ring the school (Jo, by {day_in_words(days_ago(-7))})" in page
    back = {**main_form(page, address).fields, "change": ["1"]}
    again = main_form(client.post(address, back).content.decode(), address)
    assert again.fields["barriers"] == ["First\r\nsecond"]
    assert again.fields["actions-0-what"] == ["Ring the school"]
    assert not GoalReview.objects.exists()


def test_from_a_filtered_list_the_way_leads_back_to_it(
    client: Client, coordinator: User, goal: CasePlanGoal, address: str
) -> None:
    client.force_login(coordinator)
    filtered = f"{reverse('reviews')}?window=overdue"
    row = f"{address}&back={quote(filtered, safe='')}".replace("&", "&amp;")
    assert row in client.get(filtered).content.decode()
    from_list = html.unescape(row)
    page = client.get(from_list).content.decode()
    assert f'<li><a href="{filtered}">Reviews</a></li>' in page
    form = main_form(page, address)
    checked = client.post(address, form.sent(sent())).content.decode()
    assert "Then back to: Reviews." in checked
    saved = client.post(address, main_form(checked, address).sent({}, press="save"))
    assert saved.headers["Location"] == filtered


@pytest.mark.parametrize(
    "back",
    ["https://example.com/reviews/", "//example.com", "/accounts/", "/reviews/new/", "x\x00"],
)
def test_the_way_leads_back_to_our_own_lists_alone(
    client: Client, coordinator: User, goal: CasePlanGoal, address: str, back: str
) -> None:
    client.force_login(coordinator)
    answer = client.post(address, {**shown(client, address), "back": back})
    assert answer.headers["Location"] == reverse("child", args=[goal.child_id])


def test_the_title_says_the_reference_and_never_the_name(
    client: Client, coordinator: User, goal: CasePlanGoal, address: str
) -> None:
    client.force_login(coordinator)
    for page in (client.get(address), client.post(address, sent())):
        title = page.content.decode().split("<title>")[1].split("</title>")[0]
        assert goal.child.reference in title
        assert goal.child.last_name not in title
