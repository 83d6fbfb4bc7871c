"""The pages of the rules: who reads, drafts, publishes and withdraws, and what a draft would do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse

from directory.clock import now, today
from directory.database import append_only
from directory.errors import StepNotAllowedError
from directory.models import Allocation, District, HistoryEntry, Provider, User
from directory.roles import Role
from directory.tests.people import date_fields, make_district, make_person
from permanency.goals import lifecycle
from permanency.models import RuleVersion
from permanency.models.rules import APPEND_ONLY
from permanency.policy.goals import Goal
from permanency.policy.months import add_months
from permanency.policy.rules import VERSION_1, Transition
from permanency.rules import services as rules
from permanency.tests.factories import make_child
from permanency.tests.rules import content, publish

pytestmark = pytest.mark.django_db

TODAY = date(2026, 5, 14)
FROM_JULY = date(2026, 7, 1)


@pytest.fixture
def second_mpp(hunter: District) -> User:
    return make_person("Second Lead", Role.PRACTICE_MANAGER)


def new(effective_on: date = FROM_JULY, **periods: int) -> rules.NewRules:
    said = content(**{"long_term_care": 6, **periods})
    return rules.NewRules(said, effective_on, "Practice direction 4", "recount")


@pytest.fixture
def draft(mpp: User) -> RuleVersion:
    return rules.draft(new(), by=mpp, on=TODAY)


def test_a_draft_gets_the_next_number_and_holds_nothing(draft: RuleVersion, mpp: User) -> None:
    assert (draft.version, draft.is_draft, draft.drafted_by) == (2, True, mpp)
    assert rules.draft(new(), by=mpp, on=TODAY).version == 3
    assert RuleVersion.objects.in_force(on=FROM_JULY).version == 1


def test_a_second_person_publishes_and_the_history_says_so(
    draft: RuleVersion, second_mpp: User
) -> None:
    row = rules.publish(draft, by=second_mpp, on=TODAY)
    assert row.published_by == second_mpp
    assert RuleVersion.objects.in_force(on=date(2026, 6, 30)).version == 1
    assert RuleVersion.objects.in_force(on=FROM_JULY).version == 2
    told = HistoryEntry.objects.filter(subject="rules version 2").order_by("pk")
    assert [each.verb for each in told] == ["drafted rules", "published rules"]
    assert told[1].after["review_months"]["long_term_care"] == 6


def test_who_may_not_draft_publish_or_withdraw(
    draft: RuleVersion, coordinator: User, administrator: User
) -> None:
    for person in (coordinator, administrator):
        with pytest.raises(PermissionDenied):
            rules.draft(new(), by=person, on=TODAY)
        for act in (rules.publish, rules.withdraw):
            with pytest.raises(PermissionDenied):
                act(draft, by=person, on=TODAY)


def test_publishing_is_refused_to_the_drafter_too_late_twice_and_on_a_taken_day(
    draft: RuleVersion, mpp: User, second_mpp: User
) -> None:
    refused = (
        (mpp, TODAY, "You drafted this version"),
        (second_mpp, FROM_JULY, "not after today"),
    )
    for person, on, why in refused:
        with pytest.raises(StepNotAllowedError, match=why):
            rules.publish(draft, by=person, on=on)
    same_day = rules.draft(new(long_term_care=4), by=mpp, on=TODAY)
    rules.publish(draft, by=second_mpp, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="no draft any more"):
        rules.publish(draft, by=second_mpp, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="Version 2 takes effect on 1 July 2026 already"):
        rules.publish(same_day, by=second_mpp, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="no draft any more"):
        rules.withdraw(draft, by=mpp, on=TODAY)
    withdrawn = rules.withdraw(same_day, by=mpp, on=TODAY)
    with pytest.raises(StepNotAllowedError, match="no draft any more"):
        rules.publish(withdrawn, by=second_mpp, on=TODAY)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"published_by": F("drafted_by"), "published_at": now()}, "nobody_publishes"),
        ({"published_by": F("drafted_by")}, "published_rules_say|nobody_publishes"),
        ({"published_at": now()}, "published_rules_say"),
        ({"drafted_by": None}, "says_who_drafted_it"),
    ],
)
def test_the_database_refuses_what_the_service_would(
    draft: RuleVersion, fields: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        RuleVersion.objects.filter(pk=draft.pk).update(**fields)


def test_the_database_closes_a_version_once_it_is_published_or_withdrawn(
    draft: RuleVersion, mpp: User, tables_guarded_by_migrations: frozenset[str]
) -> None:
    assert {APPEND_ONLY.table, "permanency_rulestakeneffect"} <= tables_guarded_by_migrations
    published = publish(date(2026, 9, 1))
    withdrawn = rules.withdraw(rules.draft(new(), by=mpp, on=TODAY), by=mpp, on=TODAY)
    connection.check_constraints()  # PostgreSQL alters no table with checks still to come
    append_only.install(connection, APPEND_ONLY)
    for row in (published, withdrawn, RuleVersion.objects.get(version=1)):
        rows = RuleVersion.objects.filter(pk=row.pk)
        for act in (lambda rows=rows: rows.update(source="Another"), rows.delete):
            with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
                act()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        RuleVersion.objects.filter(pk=draft.pk).delete()
    assert rules.withdraw(draft, by=mpp, on=TODAY).withdrawn_at is not None


# The pages, on the day of the clock.


@pytest.fixture
def day_after() -> date:
    return add_months(today(), 2)


def typed(effective_on: date, **changed: str) -> dict[str, str]:
    """Return a whole form: what version 1 says, but for what is changed."""
    said = VERSION_1.as_data()
    return {
        **{f"months_{goal}": str(number) for goal, number in said["review_months"].items()},
        "intensive_months": "3",
        "clock_months": "24",
        "clock_start": "first_two_year_goal",
        **{f"target_{name}": str(n) for name, n in said["targets_working_days"].items()},
        **date_fields("effective_on", effective_on),
        "transition": "recount",
        "source": "Practice direction 4",
        **changed,
    }


def test_a_draft_is_typed_shown_and_published_by_another(
    client: Client, mpp: User, second_mpp: User, day_after: date
) -> None:
    client.force_login(mpp)
    page = client.get(reverse("new-rules"))
    assert page.context["form"].initial["months_long_term_care"] == 12
    answer = client.post(reverse("new-rules"), typed(day_after, months_long_term_care="6"))
    address = reverse("rules-version", args=[2])
    assert answer["Location"] == address
    shown = client.get(address)
    assert "Long term care, a review at least every" in shown.content.decode()
    differing = [line.label for line in shown.context["lines"] if line.differs]
    assert differing == ["Long term care, a review at least every"]
    assert "somebody else publishes it" in shown.content.decode()
    assert client.post(reverse("publish-rules", args=[2])).status_code == 409
    client.force_login(second_mpp)
    shown = client.get(address)
    assert "Publish version 2" in shown.content.decode()
    assert _publish(client, shown)["Location"] == address
    assert "To come" in client.get(reverse("rules")).content.decode()
    assert client.post(reverse("withdraw-rules", args=[2])).status_code == 409


def _publish(client: Client, shown: Any) -> Any:
    """Return the answer to publishing version 2 by the button of the page that was shown."""
    assert f'name="seen" value="{shown.context["seen"]}"' in shown.content.decode()
    sent = {"seen": shown.context["seen"], "save": "1"}
    return client.post(reverse("publish-rules", args=[2]), sent)


def test_rules_are_published_only_where_they_would_do_what_was_shown(
    client: Client, hunter: District, second_mpp: User, day_after: date
) -> None:
    publish(day_after, Transition.RECOUNT, is_published=False, long_term_care=6)
    address = reverse("rules-version", args=[2])
    client.force_login(second_mpp)
    shown = client.get(address)
    lifecycle.open_with_goal_in_force(
        make_child(hunter, born_on=add_months(today(), -99)),
        goal=Goal.LONG_TERM_CARE,
        effective_on=add_months(today(), -3),
        source_note="ChildStory",
        by=None,
        on=today(),
    )
    again = _publish(client, shown)
    assert again.status_code == 409
    assert "has changed since you looked" in again.content.decode()
    assert again.context["what_if"].total.earlier == 1
    assert RuleVersion.objects.get(version=2).is_draft
    # Whoever saw nothing is shown it first, too.
    for sent, status in (({}, 200), ({"save": "1"}, 409)):
        assert client.post(reverse("publish-rules", args=[2]), sent).status_code == status
    assert RuleVersion.objects.get(version=2).is_draft
    assert _publish(client, again)["Location"] == address
    assert not RuleVersion.objects.get(version=2).is_draft


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"months_adoption": "0"}, "months_adoption", "greater than or equal to 1"),
        ({"intensive_months": "7"}, "__all__", "must not be longer"),
        ({"source": " "}, "source", "Fill this in."),
        ({"transition": "perhaps"}, "transition", "not one of"),
        (date_fields("effective_on", date(2026, 1, 1)), "effective_on", "after today"),
    ],
)
def test_what_is_wrong_with_a_draft_stands_beside_its_field(
    changed: dict[str, str], field: str, sentence: str, client: Client, mpp: User, day_after: date
) -> None:
    client.force_login(mpp)
    answer = client.post(reverse("new-rules"), {**typed(day_after), **changed})
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[field])
    assert RuleVersion.objects.count() == 1


def test_the_what_if_shows_each_reader_the_children_within_their_reach(
    client: Client, hunter: District, coordinator: User, mpp: User, day_after: date
) -> None:
    provider = Provider.objects.create(name="Wide Care")
    elsewhere = make_person("Else Where", Role.COORDINATOR, make_district("Sydney"))
    # The provider works in both districts, and is the second child's.
    for person in (coordinator, elsewhere):
        Allocation.objects.create(person=person, provider=provider, starts_on=TODAY)
    for number in range(2):
        child = make_child(
            hunter, provider=provider if number else None, born_on=add_months(today(), -99)
        )
        lifecycle.open_with_goal_in_force(
            child,
            goal=Goal.LONG_TERM_CARE,
            effective_on=add_months(today(), -3),
            source_note="ChildStory",
            by=None,
            on=today(),
        )
    publish(day_after, Transition.RECOUNT, is_published=False, long_term_care=6)
    address = reverse("rules-version", args=[2])
    for person in (coordinator, mpp):
        client.force_login(person)
        found = client.get(address).context["what_if"]
        assert (found.total.goals, found.total.earlier, found.total.reviews_a_year) == (2, 2, 2)
        assert [(name, each.earlier) for name, each in found.people] == [
            (coordinator.name, 1),
            ("Nobody in particular", 1),
        ]
    client.force_login(make_person("Con Tracts", Role.CONTRACT_MANAGER, hunter))
    page = client.get(address)
    assert "what_if" not in page.context
    assert "shown to those who read" in page.content.decode()
