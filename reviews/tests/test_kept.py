"""What a list keeps beside its rows is what would be worked out now, for each reader.

Red without any one of these in `ResultCache`: the entries, who reads, the appointments held, the
day, the filters; and where the entries are read after the work.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client, override_settings
from django.urls import reverse

from consultations.models import GoalChange
from directory.database import row_security
from directory.models import Appointment, District, Office, Provider, User
from directory.people import appointments
from directory.people import services as people
from directory.places import services as places
from directory.roles import Role
from directory.tests.people import SINCE, make_person
from directory.tests.questions import PageQueries
from directory.web.result_cache import CACHE_ALIAS, ResultCache
from permanency.children import services as register
from permanency.children.forms import ChildFilterForm
from permanency.models import CasePlanGoal, Child
from reviews.dashboards.forms import DueFilterForm, NoClockFilterForm, WaitingFilterForm
from reviews.figures.missing_dates import children_worst_first
from reviews.forecast import views
from reviews.tests.cases import TODAY, goal_due_in, open_child
from reviews.tests.writes import acts

NOTHING_KEPT = {CACHE_ALIAS: {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
LISTS: tuple[tuple[Any, Any, dict[str, str]], ...] = (
    (ChildFilterForm, Child, {"state": "overdue"}),
    (DueFilterForm, CasePlanGoal, {"window": "every"}),
    (WaitingFilterForm, GoalChange, {"status": "draft"}),
    (NoClockFilterForm, Child, {"reason": "no_inbox"}),
)


def said(person: User) -> list[Any]:
    """Return what the filters of the lists offer a person, and how many rows they leave."""
    person = User.objects.get(pk=person.pk)
    found: list[Any] = []
    with row_security.as_person(person.pk, TODAY):
        for form_class, model, filters in LISTS:
            for asked in ({}, filters, {"mine": "on"}):
                form = form_class(asked, by=person, on=TODAY)
                rows = form.narrow(model.objects.visible_to(person, on=TODAY))
                found.append(_left(form, rows))
            found.append({name: getattr(form.fields[name], "choices", ()) for name in form.fields})
    return found


def _left(form: Any, rows: Any) -> Any:
    """Return what is kept of the rows that filters leave: how many, or in which order."""
    if not isinstance(form, NoClockFilterForm):
        return form.row_count(rows.count)
    in_order = children_worst_first(rows, on=TODAY).values_list("pk", flat=True)
    return form.row_keys(lambda: list(in_order))


def ahead(person: User) -> list[Any]:
    """Return what the forecast tells a person, by place and by Coordinator."""
    person = User.objects.get(pk=person.pk)
    found: list[Any] = []
    with row_security.as_person(person.pk, TODAY):
        for filters in ({}, {"rows": "pc"}, {"rows": "office"}):
            request: Any = SimpleNamespace(user=person, today=TODAY, GET=filters)
            cache = ResultCache(person, on=TODAY)
            form, _, weeks = views.forecast_of_request(request, cache)
            found += [weeks, views.paces(request, form, cache)]
    return found


def worked_out(person: User) -> list[Any]:
    """Return both where nothing is kept."""
    with override_settings(CACHES=NOTHING_KEPT):
        return [said(person), ahead(person)]


def directory_acts(
    hunter: District, reader: User, admin: User
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield acts in the directory that change what the filters offer, or whose a row is."""
    by: dict[str, Any] = {"by": admin, "on": TODAY}
    provider, office = Provider.objects.get(), Office.objects.get()
    psp = goal_due_in(hunter, reader, 5, provider=provider, case_managed_by="PSP")
    new = make_person("Alex New")
    yield "an office", lambda: places.add_office(name="Maitland", district=hunter, **by)
    yield (
        "a provider's name",
        lambda: places.edit_provider(
            provider, name="Banksia", districts=[], is_aboriginal_controlled=False, **by
        ),
    )
    yield (
        "appointed",
        lambda: appointments.appoint(new, Role.COORDINATOR, hunter, starts_on=SINCE, **by),
    )
    yield "allocated", lambda: appointments.allocate(new, office, starts_on=SINCE, **by)
    yield "renamed", lambda: people.edit_person(new, email=new.email, name="Alex Newer", **by)
    yield "mine", lambda: appointments.allocate(reader, provider, starts_on=SINCE, **by)
    yield "disabled", lambda: people.disable_person(new, **by)
    yield (
        "with no child",
        lambda: register.edit_child(
            psp.child,
            changes={"provider": None, "case_managed_by": "DCJ"},
            version=Child.objects.get(pk=psp.child_id).version,
            by=reader,
            on=TODAY,
        ),
    )
    held = Appointment.objects.get(person=reader)
    yield (
        "moved away",
        lambda: appointments.end_appointment(held, ends_on=TODAY - timedelta(days=1), **by),
    )


def test_after_every_act_each_reader_is_told_what_holds_now(
    hunter: District,
    coordinator: User,
    second_coordinator: User,
    cfdu: User,
    mpp: User,
    stranger: User,
    administrator: User,
) -> None:
    readers = (coordinator, second_coordinator, cfdu, mpp, stranger)
    told = {reader.pk: [said(reader), ahead(reader)] for reader in readers}
    seen, seen_ahead = Counter[str](), 0
    everything = (
        acts(hunter, coordinator, second_coordinator, cfdu, administrator),
        directory_acts(hunter, coordinator, administrator),
    )
    for words, act in (each for some in everything for each in some):
        act()
        for reader in readers:
            now = [said(reader), ahead(reader)]
            assert now == worked_out(reader), f"{words}: {reader}"
            seen[words] += now[0] != told[reader.pk][0]
            seen_ahead += now[1] != told[reader.pk][1]
            told[reader.pk] = now
    unseen = {words for words, times in seen.items() if not times}
    # Of a Coordinator without an allocation no filter tells.
    assert unseen == {"appointed"}
    assert seen_ahead > len(readers), "the forecast moves with them"


@pytest.mark.parametrize("name", ["children", "reviews", "changes-waiting", "no-clock"])
def test_a_page_asks_less_while_nothing_changes_and_shows_what_does(
    client: Client, hunter: District, coordinator: User, name: str
) -> None:
    for _ in range(2):
        goal_due_in(hunter, coordinator, -3)
    client.force_login(coordinator)

    def looked() -> tuple[int, int]:
        """Return how many rows the page tells of, and how many questions it asked."""
        with PageQueries() as asked:
            page = client.get(reverse(name))
        page = page.context["page"]
        return getattr(page, "paginator", page).count, len(asked)

    looked()  # the session is written
    caches[CACHE_ALIAS].clear()
    rows, first = looked()
    # Neither what the filters offer, nor the count or the order.
    assert looked() == (rows, first - 2)
    open_child(hunter, coordinator)
    more = {"children": 1, "reviews": 0, "changes-waiting": 0, "no-clock": 1}
    assert looked() == (rows + more[name], first)
    assert looked() == (rows + more[name], first - 2)


def test_a_forecast_counts_nothing_while_nothing_changes_and_shows_what_does(
    client: Client, hunter: District, coordinator: User
) -> None:
    goal_due_in(hunter, coordinator, 3)
    client.force_login(coordinator)

    def looked() -> tuple[int, int]:
        """Return how many reviews the page tells of, and how many questions it asked."""
        with PageQueries() as asked:
            page = client.get(reverse("forecast"))
        return page.context["forecast"].reviews, len(asked)

    looked()  # the session is written
    caches[CACHE_ALIAS].clear()
    reviews, first = looked()
    again = looked()
    assert again[0] == reviews
    assert again[1] < first - 3
    open_child(hunter, coordinator)
    assert looked() == (reviews + 1, first)


def test_an_act_in_another_district_leaves_what_is_kept(
    hunter: District, coordinator: User, stranger: User, mpp: User
) -> None:
    before = {person.pk: said(person) for person in (coordinator, mpp)}
    open_child(District.objects.get(slug="sydney"), stranger)
    with PageQueries() as asked:
        assert said(coordinator) == before[coordinator.pk]
    # The person, their appointments, and for each form how many entries there are.
    assert len(asked) == 2 + 3 * len(LISTS)
    assert said(mpp) != before[mpp.pk]


def test_what_is_committed_while_it_is_counted_is_counted_at_the_next_look(
    hunter: District, coordinator: User
) -> None:
    form = ChildFilterForm({}, by=coordinator, on=TODAY)
    form.full_clean()

    def count() -> int:
        number = Child.objects.count()
        open_child(hunter, coordinator)
        return number

    assert form.row_count(count) == 0
    anew = ChildFilterForm({}, by=coordinator, on=TODAY)
    anew.full_clean()
    assert anew.row_count(Child.objects.count) == 1


def test_the_next_day_is_worked_out_anew(hunter: District, coordinator: User) -> None:
    goal_due_in(hunter, coordinator, 0)
    for days, overdue in ((0, 0), (1, 1)):
        day = TODAY + timedelta(days=days)
        form = ChildFilterForm({"state": "overdue"}, by=coordinator, on=day)
        rows = form.narrow(Child.objects.visible_to(coordinator, on=day))
        assert form.row_count(rows.count) == overdue


def test_other_appointments_are_told_something_else(
    hunter: District, coordinator: User, stranger: User
) -> None:
    Office.objects.create(name="Newcastle", district=hunter)
    before = said(coordinator)
    # As many entries as before, in both districts.
    sydney = District.objects.get(slug="sydney")
    Appointment.objects.filter(person=coordinator).update(district=sydney)
    assert said(coordinator) == worked_out(coordinator)[0] != before


def test_filters_are_drawn_as_they_are_asked_for(
    client: Client, coordinator: User, mpp: User, newcastle: Office
) -> None:
    """Twice each, as the second time what was drawn is kept."""

    def drawn(query: str) -> str:
        return client.get(f"{reverse('reviews')}?{query}").text

    def chosen(query: str) -> list[str]:
        filters = drawn(query).partition('class="app-filters"')[2].partition("</form>")[0]
        return re.findall(r'<option value="([^"]+)" selected>', filters)

    error = "Select a valid choice."
    for _ in range(2):
        client.force_login(coordinator)
        assert chosen("goal=adoption") == ["adoption"]
        assert chosen("goal=restoration&two_year=passed") == ["restoration", "passed"]
        assert chosen("") == []
        assert error in drawn("goal=nonsense")
        assert error not in drawn("goal=adoption")
        assert 'name="mine" id="id_mine" checked' in drawn("mine=on")
        assert "checked" not in drawn("")
        assert 'name="district"' not in drawn("")
        client.force_login(mpp)
        assert 'name="district"' in drawn("")
