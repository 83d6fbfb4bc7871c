"""Marks, extensions and achievement: what the pages show before saving, and what they save."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from directory import history
from directory.errors import StepNotAllowedError
from directory.models import District, HistoryEntry, User
from permanency.goals import intensive, lifecycle, two_years
from permanency.goals.effects import GOAL_ENDED
from permanency.models import Child, Extension
from permanency.policy.goals import Goal
from permanency.policy.months import add_months, day_in_words
from permanency.tests.answers import form_data
from permanency.tests.factories import make_child
from permanency.tests.two_steps import (
    SINCE,
    TODAY,
    check_then_save,
    dates_after,
    open_goal,
    save_as_shown,
)


@pytest.fixture
def child(hunter: District) -> Child:
    return make_child(hunter)


def test_marking_intensive_and_ending_it_show_the_review_that_follows(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator)
    client.force_login(coordinator)
    url = reverse("mark-intensive", args=[child.pk])

    shown, _ = check_then_save(client, url, reasons="More support is needed")
    assert dates_after(shown)[0] == day_in_words(add_months(SINCE, 3))
    goal.refresh_from_db()
    assert (goal.intensive_since, goal.review_due_on) == (TODAY, add_months(SINCE, 3))

    shown, _ = check_then_save(client, url, reasons="The barrier is gone")
    assert dates_after(shown)[0] == day_in_words(add_months(SINCE, 6))
    goal.refresh_from_db()
    assert (goal.intensive_since, goal.review_due_on) == (None, add_months(SINCE, 6))


def test_a_mark_sent_twice_does_not_take_itself_away(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator)
    client.force_login(coordinator)
    url = reverse("mark-intensive", args=[child.pk])
    shown, saved = check_then_save(client, url, reasons="More support")

    assert saved.status_code == 302
    assert save_as_shown(client, url, shown).status_code == 409
    goal.refresh_from_db()
    assert goal.is_intensive


def test_nothing_is_saved_whose_effect_was_not_shown(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator)
    client.force_login(coordinator)
    url = reverse("mark-intensive", args=[child.pk])
    sent = {"about": f"mark {goal.pk}", "reasons": "More support", "save": "1"}

    page = client.post(url, sent)
    assert (page.status_code, page.templates[0].name) == (200, "permanency/goal_check.html")
    goal.refresh_from_db()
    assert not goal.is_intensive


def test_reasons_are_asked_for(client: Client, coordinator: User, child: Child) -> None:
    goal = open_goal(child, coordinator)
    client.force_login(coordinator)
    url = reverse("mark-intensive", args=[child.pk])
    for reasons in ("", "   ", "a\x00b", "x" * 2001):
        sent = {"about": f"mark {goal.pk}", "reasons": reasons, "save": "1"}
        assert client.post(url, sent).status_code == 422
    goal.refresh_from_db()
    assert not goal.is_intensive


@pytest.mark.parametrize("name", ["mark-intensive", "record-achievement", "new-extension"])
def test_steps_need_a_two_year_goal_in_force(
    client: Client, coordinator: User, child: Child, name: str
) -> None:
    client.force_login(coordinator)
    url = reverse(name, args=[child.pk])
    assert client.get(url).status_code == 409
    open_goal(child, coordinator, Goal.LONG_TERM_CARE)
    assert client.get(url).status_code == 409


# Extension


def test_an_extension_shows_both_dates_and_keeps_the_original(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator)
    client.force_login(coordinator)
    original = add_months(SINCE, 24)
    shown, _ = check_then_save(
        client,
        reverse("new-extension", args=[child.pk]),
        extended_to=add_months(SINCE, 30),
        decided_on=TODAY,
        decided_by_name="Dana Director",
        reasons="The court date has moved",
    )
    goal.refresh_from_db()

    assert [effect.before for effect in shown.context["effects"]][1] == day_in_words(original)
    extended = day_in_words(add_months(SINCE, 30))
    assert dates_after(shown)[1] == f"{extended}, extended from {day_in_words(original)}"
    assert goal.two_year_on == add_months(SINCE, 30)
    assert goal.two_year_derivation["original_on"] == original.isoformat()
    assert Extension.objects.get().decided_by_name == "Dana Director"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"extended_to": add_months(SINCE, 24)},
            "later than the two-year date now",
        ),
        ({"extended_to": add_months(SINCE, 24 + 61)}, "at most five years"),
        ({"extended_to": date(2199, 1, 1)}, "The new date must be before the child turns 18"),
        (
            {"extended_to": add_months(SINCE, 18 * 12)},
            "The new date must be before the child turns 18",
        ),
        ({"decided_on": add_months(TODAY, 1)}, "cannot be after today"),
        ({"decided_on": add_months(SINCE, -1)}, "before the two years began"),
        ({"decided_by_name": ""}, "Fill this in."),
    ],
)
def test_what_is_no_extension_is_told_beside_the_field(
    client: Client, coordinator: User, child: Child, wrong: dict[str, Any], sentence: str
) -> None:
    # Young enough for the longest extension to end before 18.
    Child.objects.filter(pk=child.pk).update(born_on=SINCE)
    goal = open_goal(Child.objects.get(pk=child.pk), coordinator)
    client.force_login(coordinator)
    answers = {
        "about": f"extend {goal.pk}",
        "extended_to": add_months(SINCE, 30),
        "decided_on": TODAY,
        "decided_by_name": "Dana Director",
        "reasons": "Words that stay",
        **wrong,
    }
    url = reverse("new-extension", args=[child.pk])
    response = client.post(url, {**form_data(**answers), "save": "1"})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert "Words that stay" in response.content.decode()
    assert not Extension.objects.exists()


# Achievement


def test_the_move_home_alone_leaves_the_goal_in_force(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator)
    client.force_login(coordinator)
    url = reverse("record-achievement", args=[child.pk])
    shown, _ = check_then_save(client, url, moved_home_on=add_months(TODAY, -1))
    goal.refresh_from_db()

    assert not any(effect.moves for effect in shown.context["effects"])
    assert (goal.moved_home_on, goal.ended_on) == (add_months(TODAY, -1), None)


def test_parental_responsibility_returned_ends_the_goal(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator)
    client.force_login(coordinator)
    url = reverse("record-achievement", args=[child.pk])
    shown, _ = check_then_save(
        client, url, moved_home_on=add_months(TODAY, -1), achieved_on=TODAY, note="Court order"
    )
    goal.refresh_from_db()

    assert all("nothing is due any more" in words for words in dates_after(shown))
    assert (goal.moved_home_on, goal.ended_on) == (add_months(TODAY, -1), TODAY)
    assert goal.end_reason == "achieved"
    assert HistoryEntry.objects.filter(note="Court order").exists()
    assert client.get(url).status_code == 409


@pytest.mark.parametrize("kind", [Goal.GUARDIANSHIP, Goal.ADOPTION])
def test_an_order_achieves_guardianship_and_adoption(
    client: Client, coordinator: User, child: Child, kind: Goal
) -> None:
    goal = open_goal(child, coordinator, kind)
    client.force_login(coordinator)
    url = reverse("record-achievement", args=[child.pk])
    assert "moved_home_on" not in client.get(url).context["form"].fields
    check_then_save(client, url, achieved_on=TODAY)
    goal.refresh_from_db()

    assert (goal.ended_on, goal.end_reason) == (TODAY, "achieved")


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({}, "Enter this date, or the date of the move home."),
        ({"achieved_on": add_months(TODAY, 1)}, "must not be in the future"),
        ({"achieved_on": add_months(SINCE, -1)}, "before the goal took effect"),
        ({"moved_home_on": TODAY, "achieved_on": SINCE}, "returns after the move home"),
    ],
)
def test_what_is_no_achievement_is_told_beside_the_field(
    client: Client, coordinator: User, child: Child, answers: dict[str, Any], sentence: str
) -> None:
    goal = open_goal(child, coordinator)
    client.force_login(coordinator)
    sent = {**form_data(about=f"achieve {goal.pk}", **answers), "save": "1"}
    response = client.post(reverse("record-achievement", args=[child.pk]), sent)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    goal.refresh_from_db()
    assert (goal.ended_on, goal.moved_home_on) == (None, None)


def test_a_page_opened_for_one_goal_does_nothing_to_the_next(
    client: Client, coordinator: User, child: Child
) -> None:
    old = open_goal(child, coordinator)
    new = lifecycle.put_in_force(
        child, goal="adoption", effective_on=TODAY, by=coordinator, on=TODAY
    )
    client.force_login(coordinator)
    sent = {**form_data(about=f"achieve {old.pk}", achieved_on=TODAY), "save": "1"}

    assert client.post(reverse("record-achievement", args=[child.pk]), sent).status_code == 409
    new.refresh_from_db()
    assert new.ended_on is None


# Taking back


def _extended(child: Child, by: User, to: date) -> Extension:
    goal = open_goal(child, by)
    facts: dict[str, Any] = {"decided_by_name": "Dana Director", "reasons": "The court waits."}
    return two_years.record_extension(
        goal, extended_to=to, decided_on=TODAY, by=by, on=TODAY, **facts
    )


@pytest.mark.parametrize("months", [30, None], ids=["shortened", "taken back"])
def test_an_extension_with_the_wrong_year_is_corrected_or_taken_back(
    client: Client, coordinator: User, child: Child, months: int | None
) -> None:
    extension = _extended(child, coordinator, add_months(SINCE, 54))
    client.force_login(coordinator)
    url = reverse("correct-extension", args=[child.pk, extension.pk])
    answers = {"taken_back": "on"} if months is None else {"extended_to": add_months(SINCE, months)}
    typed = {
        "extended_to": extension.extended_to,
        "decided_on": TODAY,
        "decided_by_name": "Dana Director",
        "reasons": "The court waits.",
    }
    shown, saved = check_then_save(client, url, **typed | answers, why="2029 for 2027.")

    due_on = add_months(SINCE, months or 24)
    assert dates_after(shown)[1].startswith(day_in_words(due_on))
    assert saved.status_code == 302
    assert child.goals.get().two_year_on == due_on
    kept = list(Extension.objects.values_list("extended_to", flat=True))
    assert kept == ([due_on] if months else [])
    entry = HistoryEntry.objects.get(verb__contains="extension", note="2029 for 2027.")
    assert entry.before["extended_to"] == add_months(SINCE, 54).isoformat()
    assert save_as_shown(client, url, shown).status_code == (409 if months else 404)


@pytest.mark.parametrize("answer", ["shortened", "taken back"])
def test_a_mark_with_a_wrong_day_is_corrected_or_taken_back(
    client: Client, coordinator: User, child: Child, answer: str
) -> None:
    """Marked a year too early, and overdue since: the date is that of the right day again."""
    goal = open_goal(child, coordinator)
    intensive.mark_intensive(goal, reasons="A slip.", by=coordinator, on=SINCE)
    mark = goal.marks.get()
    assert child.goals.get().review_due_on == add_months(SINCE, 3)
    client.force_login(coordinator)
    url = reverse("correct-mark", args=[child.pk, mark.pk])
    answers = {"until_on": SINCE} if answer == "shortened" else {"taken_back": "on"}
    typed = {"from_on": SINCE, "reasons": "A slip.", **answers, "why": "Of another child."}
    shown, saved = check_then_save(client, url, **typed)

    assert dates_after(shown)[0].startswith(day_in_words(add_months(SINCE, 6)))
    assert saved.status_code == 302
    goal = child.goals.get()
    assert (goal.review_due_on, goal.intensive_since) == (add_months(SINCE, 6), None)
    assert goal.marks.count() == (answer == "shortened")
    entry = HistoryEntry.objects.get(verb__contains="a mark", note="Of another child.")
    assert entry.before["until_on"] is None
    assert save_as_shown(client, url, shown).status_code == (409 if goal.marks.exists() else 404)


def test_a_mark_of_another_child_and_a_wrong_day_are_refused(
    client: Client, coordinator: User, child: Child, hunter: District
) -> None:
    goal = intensive.mark_intensive(
        open_goal(child, coordinator), reasons="More help.", by=coordinator, on=TODAY
    )
    mark = goal.marks.get()
    client.force_login(coordinator)
    url = reverse("correct-mark", args=[child.pk, mark.pk])
    about = client.get(url).context["form"].initial["about"]
    early = form_data(
        about=about, from_on=add_months(SINCE, -1), reasons="More help.", why="A slip."
    )
    page = client.post(url, early)
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"from_on"}
    other = make_child(hunter)
    open_goal(other, coordinator)
    assert client.get(reverse("correct-mark", args=[other.pk, mark.pk])).status_code == 404


def test_of_two_who_correct_an_extension_at_once_the_second_is_told(
    coordinator: User, child: Child
) -> None:
    """Both have opened it as it was; the lock lets one through after the other."""
    extension = _extended(child, coordinator, add_months(SINCE, 30))
    said = Extension.objects.get()
    who: dict[str, Any] = {"why": "A slip.", "by": coordinator, "on": TODAY}
    facts = {**history.values(said), "decided_by_name": "Another"}
    two_years.correct_extension(extension, facts, **who)
    with pytest.raises(StepNotAllowedError, match="Somebody has corrected"):
        two_years.correct_extension(said, None, **who)
    two_years.correct_extension(Extension.objects.get(), None, **who)
    with pytest.raises(StepNotAllowedError, match="Somebody has corrected"):
        two_years.correct_extension(said, None, **who)


def test_an_earlier_extension_is_corrected_though_a_later_one_stands(
    coordinator: User, child: Child
) -> None:
    _extended(child, coordinator, add_months(SINCE, 30))
    goal = child.goals.get()
    facts: dict[str, Any] = {"decided_on": TODAY, "decided_by_name": "D", "reasons": "More."}
    to = add_months(SINCE, 36)
    two_years.record_extension(goal, extended_to=to, **facts, by=coordinator, on=TODAY)
    first = Extension.objects.earliest("extended_to")
    said = {**history.values(first), "decided_by_name": "Another"}
    two_years.correct_extension(first, said, why="A slip.", by=coordinator, on=TODAY)
    first.refresh_from_db()
    assert first.decided_by_name == "Another"
    assert child.goals.get().two_year_on == to


def test_a_wrong_correction_of_an_extension_is_said_at_its_field(
    client: Client, coordinator: User, child: Child
) -> None:
    extension = _extended(child, coordinator, add_months(SINCE, 30))
    client.force_login(coordinator)
    url = reverse("correct-extension", args=[child.pk, extension.pk])
    about = client.get(url).context["form"].initial["about"]
    sent = {"extended_to": add_months(SINCE, 24), "decided_on": add_months(SINCE, -1)}
    form = client.post(url, form_data(about=about, **sent)).context["form"]
    assert list(form.errors) == ["decided_by_name", "reasons", "why", "extended_to", "decided_on"]
    extension.refresh_from_db()
    assert extension.extended_to == add_months(SINCE, 30)


def test_an_extension_decided_under_the_goal_before_counts_where_the_clock_went_on(
    coordinator: User, child: Child
) -> None:
    open_goal(child, coordinator, effective_on=add_months(TODAY, -12))
    new = lifecycle.put_in_force(
        child, goal=Goal.GUARDIANSHIP, effective_on=TODAY, by=coordinator, on=TODAY
    )
    to = add_months(TODAY, 15)
    facts: dict[str, Any] = {
        "decided_by_name": "Dana Director",
        "reasons": "The court waits.",
    }
    before = add_months(TODAY, -13)
    wrong = two_years.extension_errors(new, extended_to=to, decided_on=before, on=TODAY)
    assert wrong == {"decided_on": "The decision cannot be before the two years began."}
    decided_on = add_months(TODAY, -1)
    two_years.record_extension(
        new, extended_to=to, decided_on=decided_on, by=coordinator, on=TODAY, **facts
    )
    new.refresh_from_db()
    assert new.two_year_on == to


def test_a_mistaken_achievement_is_taken_back_with_its_dates(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator, effective_on=add_months(TODAY, -7))
    stood = goal.review_due_on, goal.two_year_on
    lifecycle.record_achievement(goal, achieved_on=TODAY, by=coordinator, on=TODAY)
    client.force_login(coordinator)
    url = reverse("correct-achievement", args=[child.pk])
    answers = {"achieved_on": TODAY, "taken_back": "on", "reasons": "It was the other child."}
    shown, saved = check_then_save(client, url, **answers)

    assert [effect.before for effect in shown.context["effects"]] == [GOAL_ENDED] * 2
    assert dates_after(shown) == [day_in_words(day) for day in stood if day]
    assert saved.status_code == 302
    goal.refresh_from_db()
    assert (goal.ended_on, goal.end_reason) == (None, "")
    assert (goal.review_due_on, goal.two_year_on) == stood
    assert HistoryEntry.objects.filter(note="It was the other child.").exists()
    assert client.get(url).status_code == 409


def test_an_achievement_is_corrected_to_another_day_and_not_to_a_wrong_one(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator)
    lifecycle.record_achievement(goal, achieved_on=TODAY, by=coordinator, on=TODAY)
    client.force_login(coordinator)
    url = reverse("correct-achievement", args=[child.pk])
    about = client.get(url).context["form"].initial["about"]
    early = form_data(about=about, achieved_on=add_months(SINCE, -1), reasons="Order of May.")
    assert "achieved_on" in client.post(url, early).context["form"].errors
    check_then_save(client, url, achieved_on=SINCE, reasons="Order of May.")
    goal.refresh_from_db()
    assert (goal.ended_on, goal.end_reason) == (SINCE, "achieved")


def test_an_achievement_that_another_goal_follows_is_not_taken_back(
    client: Client, coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator)
    lifecycle.record_achievement(goal, achieved_on=TODAY, by=coordinator, on=TODAY)
    lifecycle.put_in_force(
        child, goal=Goal.GUARDIANSHIP, effective_on=TODAY, by=coordinator, on=TODAY
    )
    client.force_login(coordinator)
    assert client.get(reverse("correct-achievement", args=[child.pk])).status_code == 409


def test_an_achievement_taken_back_after_a_death_leaves_the_goal_ended_by_it(
    coordinator: User, child: Child
) -> None:
    goal = open_goal(child, coordinator)
    lifecycle.record_achievement(goal, achieved_on=TODAY, by=coordinator, on=TODAY)
    Child.objects.filter(pk=child.pk).update(died_on=TODAY)
    lifecycle.correct_achievement(goal, achieved_on=None, why="No.", by=coordinator, on=TODAY)
    goal.refresh_from_db()
    assert goal.end_reason == "died"
