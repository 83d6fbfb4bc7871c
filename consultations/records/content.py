"""Reads the content of a consultation from its rows and writes it back to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from consultations.models import Consultation, Evidence, OptionWeighed
from consultations.policy import ConsultationContent, EvidenceEntry, Option
from directory.mail import notices
from directory.models import User
from directory.roles import READS_CASES
from permanency import matters
from permanency.models import Action, Child
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import AboriginalStatus, Goal, goals_in_order

CONTENT_FIELDS = (
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
UPDATE_FIELDS = (*CONTENT_FIELDS, "recorded_on", "typed", "version")


def content_of(consultation: Consultation) -> ConsultationContent:
    """Return what is written down about a consultation."""
    return ConsultationContent(
        **{name: getattr(consultation, name) for name in CONTENT_FIELDS},
        options=tuple(
            Option(each.goal, each.is_practicable, each.in_best_interests, each.reasons)
            for each in consultation.options.all()
        ),
        evidence=tuple(
            EvidenceEntry(each.kind, each.state, each.note) for each in consultation.evidence.all()
        ),
        actions=tuple(
            AgreedAction(each.what, each.who, each.due_on, each.pk)
            for each in consultation.actions.all()
        ),
    )


def history_fields(content: ConsultationContent) -> dict[str, Any]:
    """Return what the history keeps of a content: one line for each answer."""
    fields: dict[str, Any] = {name: getattr(content, name) for name in CONTENT_FIELDS}
    for option in content.options:
        fields[f"option: {Goal(option.goal).label.lower()}"] = _option_sentence(option)
    for proof in content.evidence:
        state = Evidence.State(proof.state).label.lower()
        fields[f"evidence: {Evidence.Kind(proof.kind).label}"] = f"{state}. {proof.note}".strip(
            ". "
        )
    fields["actions"] = [
        f"{each.what} ({each.who}, by {each.due_on.isoformat()})" for each in content.actions
    ]
    return fields


def _option_sentence(option: Option) -> str:
    answers = {
        "practicable": option.is_practicable,
        "in the child's best interests": option.in_best_interests,
    }
    answered = [
        f"{question} {OptionWeighed.Answer(answer).label.lower()}"
        for question, answer in answers.items()
        if answer
    ]
    return ". ".join(filter(None, ("; ".join(answered), option.reasons)))


def with_full_lists(content: ConsultationContent, child: Child) -> ConsultationContent:
    """Return the content with every option and every piece of evidence on its list."""
    options = {each.goal: each for each in content.options}
    proofs = {each.kind: each for each in content.evidence}
    order = goals_in_order(AboriginalStatus(child.aboriginal_status))
    return replace(
        content,
        options=tuple(options.get(goal, Option(goal.value)) for goal in order),
        evidence=tuple(
            proofs.get(kind, EvidenceEntry(kind, default_state(kind)))
            for kind in Evidence.Kind.values
        ),
    )


def default_state(kind: str) -> Evidence.State:
    """Return how a piece of evidence is listed before anybody has looked for it."""
    states = Evidence.State
    return states.NOT_NEEDED if kind == Evidence.Kind.OTHER else states.MISSING


def with_earlier_actions(
    content: ConsultationContent, consultation: Consultation
) -> ConsultationContent:
    """Return the content with every action agreed before: a done one as it was done.

    An open action may be put right; one that the content leaves out stays.
    """
    corrected = {each.number: each for each in content.actions if each.number is not None}
    stands = tuple(
        AgreedAction(each.what, each.who, each.due_on, each.pk)
        if each.done_on is not None or each.pk not in corrected
        else corrected[each.pk]
        for each in consultation.actions.all()
    )
    new = tuple(each for each in content.actions if each.number is None)
    return replace(content, actions=(*stands, *new))


def write_content(consultation: Consultation, content: ConsultationContent, *, on: date) -> None:
    """Put the content into the rows of a consultation whose own row is saved by the caller."""
    for name in CONTENT_FIELDS:
        setattr(consultation, name, getattr(content, name))
    consultation.save(update_fields=None if consultation.pk is None else UPDATE_FIELDS)
    OptionWeighed.objects.bulk_create(
        [OptionWeighed(consultation=consultation, **asdict(each)) for each in content.options],
        update_conflicts=True,
        unique_fields=["consultation", "goal"],
        update_fields=["is_practicable", "in_best_interests", "reasons"],
    )
    Evidence.objects.bulk_create(
        [Evidence(consultation=consultation, **asdict(each)) for each in content.evidence],
        update_conflicts=True,
        unique_fields=["consultation", "kind"],
        update_fields=["state", "note"],
    )
    _write_actions(consultation, content.actions, on=on)


def _write_actions(
    consultation: Consultation, actions: Iterable[AgreedAction], *, on: date
) -> None:
    standing = {each.pk: each for each in consultation.actions.filter(done_on=None)}
    owners = _people_by_name(consultation.child, {each.who for each in actions}, on=on)
    for each in actions:
        action = standing.get(each.number or 0)
        if each.number is not None and action is None:
            continue
        if action is None:
            action = Action(child=consultation.child)
        elif action.due_on != each.due_on:
            notices.settle(matters.of_action(action.pk))
        action.what, action.who, action.due_on = each.what, each.who, each.due_on
        action.agreed_on = consultation.held_on
        action.owner = owners.get(each.who.strip().lower())
        action.save(update_fields=None if action.pk is None else ACTION_UPDATE_FIELDS)
        consultation.actions.add(action)


ACTION_UPDATE_FIELDS = ("what", "who", "due_on", "agreed_on", "owner")


def _people_by_name(child: Child, names: set[str], *, on: date) -> dict[str, User]:
    if not names:
        return {}
    people = User.objects.holding(READS_CASES, on=on, district=child.district)
    named: dict[str, list[User]] = {}
    for person in people:
        named.setdefault(person.name.strip().lower(), []).append(person)
    return {name: each[0] for name, each in named.items() if len(each) == 1}
