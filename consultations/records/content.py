"""Reads the account of a consultation from its rows and writes it back to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from consultations.models import Consultation, Evidence, OptionWeighed
from consultations.policy import Account, Option, Proof, Undertaking
from directory.mail import notices
from directory.models import User
from directory.roles import READS_CASES
from permanency.matters import keys
from permanency.models import Action, Child
from permanency.policy.goals import AboriginalStatus, Goal, goals_in_order

PLAIN = (
    "kind",
    "purpose",
    "held_on",
    "asked_by_name",
    "asked_by_organisation",
    "asked_by_role",
    "took_part",
    "question",
    "child_views",
    "family_views",
    "cultural_advice",
    "cultural_advice_from",
    "recommended_goal",
    "recommendation",
    "reasons",
)

# What is saved of a consultation that is there already.
WRITTEN = (*PLAIN, "recorded_on", "typed", "version")


def account_of(consultation: Consultation) -> Account:
    """Return what is written down about a consultation."""
    return Account(
        **{name: getattr(consultation, name) for name in PLAIN},
        options=tuple(
            Option(each.goal, each.is_practicable, each.in_best_interests, each.reasons)
            for each in consultation.options.all()
        ),
        evidence=tuple(
            Proof(each.kind, each.state, each.note) for each in consultation.evidence.all()
        ),
        actions=tuple(
            Undertaking(each.what, each.who, each.due_on, each.pk)
            for each in consultation.actions.all()
        ),
    )


def facts(account: Account) -> dict[str, Any]:
    """Return an account as the history tells it: one line for each answer."""
    told: dict[str, Any] = {name: getattr(account, name) for name in PLAIN}
    for option in account.options:
        told[f"option: {Goal(option.goal).label.lower()}"] = _weighed(option)
    for proof in account.evidence:
        state = Evidence.State(proof.state).label.lower()
        told[f"evidence: {Evidence.Kind(proof.kind).label}"] = f"{state}. {proof.note}".strip(". ")
    told["actions"] = [
        f"{each.what} ({each.who}, by {each.due_on.isoformat()})" for each in account.actions
    ]
    return told


def _weighed(option: Option) -> str:
    """Return how an option was weighed in one line, or "" where it was not."""
    answers = {
        "practicable": option.is_practicable,
        "in the child's best interests": option.in_best_interests,
    }
    said = [
        f"{question} {OptionWeighed.Answer(answer).label.lower()}"
        for question, answer in answers.items()
        if answer
    ]
    return ". ".join(filter(None, ("; ".join(said), option.reasons)))


def complete(account: Account, child: Child) -> Account:
    """Return the account with every option and every piece of evidence on its list."""
    options = {each.goal: each for each in account.options}
    proofs = {each.kind: each for each in account.evidence}
    order = goals_in_order(AboriginalStatus(child.aboriginal_status))
    return replace(
        account,
        options=tuple(options.get(goal, Option(goal.value)) for goal in order),
        evidence=tuple(
            proofs.get(kind, Proof(kind, _unless_said(kind))) for kind in Evidence.Kind.values
        ),
    )


def _unless_said(kind: str) -> str:
    if kind == Evidence.Kind.OTHER:
        return Evidence.State.NOT_NEEDED
    return Evidence.State.MISSING


def with_standing_actions(account: Account, consultation: Consultation) -> Account:
    """Return the account with every action agreed before: a done one as it was done.

    An open action may be put right; one that the account leaves out stays.
    """
    told = {each.number: each for each in account.actions if each.number is not None}
    stands = tuple(
        Undertaking(each.what, each.who, each.due_on, each.pk)
        if each.done_on is not None or each.pk not in told
        else told[each.pk]
        for each in consultation.actions.all()
    )
    new = tuple(each for each in account.actions if each.number is None)
    return replace(account, actions=(*stands, *new))


def write(consultation: Consultation, account: Account, *, on: date) -> None:
    """Put the account into the rows of a consultation whose own row is saved by the caller."""
    for name in PLAIN:
        setattr(consultation, name, getattr(account, name))
    consultation.save(update_fields=None if consultation.pk is None else WRITTEN)
    _write_options(consultation, account.options)
    _write_evidence(consultation, account.evidence)
    _write_actions(consultation, account.actions, on=on)


def _write_options(consultation: Consultation, options: Iterable[Option]) -> None:
    OptionWeighed.objects.bulk_create(
        [
            OptionWeighed(
                consultation=consultation,
                goal=each.goal,
                is_practicable=each.is_practicable,
                in_best_interests=each.in_best_interests,
                reasons=each.reasons,
            )
            for each in options
        ],
        update_conflicts=True,
        unique_fields=["consultation", "goal"],
        update_fields=["is_practicable", "in_best_interests", "reasons"],
    )


def _write_evidence(consultation: Consultation, proofs: Iterable[Proof]) -> None:
    Evidence.objects.bulk_create(
        [
            Evidence(consultation=consultation, kind=each.kind, state=each.state, note=each.note)
            for each in proofs
        ],
        update_conflicts=True,
        unique_fields=["consultation", "kind"],
        update_fields=["state", "note"],
    )


def _write_actions(consultation: Consultation, actions: Iterable[Undertaking], *, on: date) -> None:
    """Add the new actions and put the open ones right; an action that is done stays as it was."""
    standing = {each.pk: each for each in consultation.actions.filter(done_on=None)}
    owners = _people_named(consultation.child, {each.who for each in actions}, on=on)
    for each in actions:
        action = standing.get(each.number or 0)
        if each.number is not None and action is None:
            continue
        if action is None:
            action = Action(child=consultation.child)
        elif action.due_on != each.due_on:
            notices.settle(keys.of_action(action.pk))
        action.what, action.who, action.due_on = each.what, each.who, each.due_on
        action.agreed_on = consultation.held_on
        action.owner = owners.get(each.who.strip().lower())
        action.save(update_fields=None if action.pk is None else PUT_RIGHT)
        consultation.actions.add(action)


PUT_RIGHT = ("what", "who", "due_on", "agreed_on", "owner")


def _people_named(child: Child, names: set[str], *, on: date) -> dict[str, User]:
    """Return the people of the district by name in small letters, where only one is called so."""
    if not names:
        return {}
    people = User.objects.holding(READS_CASES, on=on, district=child.district)
    found: dict[str, list[User]] = {}
    for person in people:
        found.setdefault(person.name.strip().lower(), []).append(person)
    return {name: each[0] for name, each in found.items() if len(each) == 1}
