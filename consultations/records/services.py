"""Writing down a consultation: as a draft, on the record, and corrected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any, TypedDict

from django.db import transaction

from consultations.goal_changes import decisions
from consultations.goal_changes import services as goal_changes
from consultations.goal_changes.eligibility import CONSULTATION_STRUCK, why_change_is_unsupported
from consultations.goal_changes.services import Proposal
from consultations.goal_changes.transitions import StaleVersionError, require_writer_appointment
from consultations.models import Consultation, Evidence, GoalChange, OptionWeighed
from consultations.policy import (
    ConsultationContent,
    EvidenceEntry,
    Option,
    content_errors,
    error_with_option,
    state_of_evidence,
)
from consultations.workflow import Status
from directory import history
from directory.errors import StaleEditError, refuse
from directory.mail import notices
from directory.models import HistoryEntry, User
from directory.names import name_key
from directory.roles import READS_CASES
from permanency import matters
from permanency.care.services import strike_actions
from permanency.goals import store
from permanency.models import Action, Child
from permanency.policy.actions import (
    AgreedAction,
    action_due_on_error,
    finished_action_error,
)
from permanency.policy.goals import AboriginalStatus, Goal, goals_in_order

LISTS = frozenset({"options", "evidence", "actions"})
CONTENT_FIELDS = tuple(each.name for each in fields(ConsultationContent) if each.name not in LISTS)
# An action, and who had it before.
NewOwner = tuple[Action, User | None]
UPDATE_FIELDS = (*CONTENT_FIELDS, "recorded_on", "typed", "version")


def content_of(consultation: Consultation) -> ConsultationContent:
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
    lines: dict[str, Any] = {name: getattr(content, name) for name in CONTENT_FIELDS}
    for option in content.options:
        answers = (
            ("practicable", option.is_practicable),
            ("in the child's best interests", option.in_best_interests),
        )
        answered = "; ".join(
            f"{question} {OptionWeighed.Answer(answer).label.lower()}"
            for question, answer in answers
            if answer
        )
        sentence = ". ".join(filter(None, (answered, option.reasons)))
        lines[f"option: {Goal(option.goal).label.lower()}"] = sentence
    for proof in content.evidence:
        state = Evidence.State(proof.state).label.lower()
        lines[f"evidence: {Evidence.Kind(proof.kind).label}"] = f"{state}. {proof.note}".strip(". ")
    lines["actions"] = action_lines(content.actions)
    return lines


def action_lines(actions: Iterable[AgreedAction | Action]) -> list[str]:
    return [f"{each.what} ({each.who}, by {each.due_on.isoformat()})" for each in actions]


def with_full_lists(content: ConsultationContent, child: Child) -> ConsultationContent:
    """Return the content with every option and every piece of evidence on its list."""
    options = {each.goal: each for each in content.options}
    proofs = {each.kind: each for each in content.evidence}
    order = goals_in_order(AboriginalStatus(child.aboriginal_status))
    return replace(
        content,
        options=tuple(options.get(goal, Option(goal.value)) for goal in order),
        evidence=tuple(
            proofs.get(kind) or EvidenceEntry(kind, _unmarked_state(kind, content))
            for kind in Evidence.Kind.values
        ),
    )


def _unmarked_state(kind: str, content: ConsultationContent) -> str:
    words = ("child_views", "cultural_advice", "cultural_advice_from")
    return state_of_evidence(kind, "", **{name: getattr(content, name) for name in words})


def with_earlier_actions(
    content: ConsultationContent, consultation: Consultation
) -> ConsultationContent:
    """Return the content with every action agreed before, locked: a done one as it was done.

    An open action may be put right; one that the content leaves out stays. StepNotAllowedError
    where other words are said of one that is done.
    """
    corrected = {each.number: each for each in content.actions if each.number is not None}
    stands, errors = list[AgreedAction](), list[str]()
    for each in consultation.actions.select_for_update(of=("self",)):
        was = AgreedAction(each.what, each.who, each.due_on, each.pk)
        said = corrected.get(each.pk, was)
        stands.append(said)
        if each.done_on is not None:
            errors.append(finished_action_error(said, was, done_on=each.done_on))
    refuse(*errors)
    new = tuple(each for each in content.actions if each.number is None)
    return replace(content, actions=(*stands, *new))


def write_content(
    consultation: Consultation, content: ConsultationContent, *, on: date
) -> list[NewOwner]:
    """Put the content into the rows of a consultation; return the actions with another owner."""
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
    return list(_write_actions(consultation, content.actions, on=on))


def _write_actions(
    consultation: Consultation, actions: Iterable[AgreedAction], *, on: date
) -> Iterator[NewOwner]:
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
        # Whoever has taken an action over keeps it, unless somebody else is to do it now.
        if action.who != each.who:
            was, action.owner = action.owner, owners.get(name_key(each.who))
            if action.pk is not None and was != action.owner:
                yield action, was
        action.what, action.who, action.due_on = each.what, each.who, each.due_on
        action.agreed_on = consultation.held_on
        action.save(update_fields=None if action.pk is None else ACTION_UPDATE_FIELDS)
        consultation.actions.add(action)


def _record_new_owners(changed: Iterable[NewOwner], **who: Any) -> None:
    for action, was in changed:
        before, after = ({"owner": each and each.name} for each in (was, action.owner))
        history.record_change(NEW_OWNER_VERB, action, before, after=after, **who)


ACTION_UPDATE_FIELDS = ("what", "who", "due_on", "agreed_on", "owner")


def _people_by_name(child: Child, names: set[str], *, on: date) -> dict[str, User]:
    if not names:
        return {}
    people = User.objects.holding(READS_CASES, on=on, district=child.district)
    named: dict[str, list[User]] = {}
    for person in people:
        named.setdefault(name_key(person.name), []).append(person)
    return {name: each[0] for name, each in named.items() if len(each) == 1}


# What a draft shows in lists before it is on the record; the rest waits as it was typed.
DRAFT_FIELDS = ("kind", "purpose", "held_on", "question")
DRAFT_UPDATE_FIELDS = (*DRAFT_FIELDS, "typed", "version")
BEGIN_DRAFT_VERB = "began a draft of a consultation"
SAVE_DRAFT_VERB = "saved a draft of a consultation"
RECORD_VERB = "recorded a consultation"
CORRECT_VERB = "corrected a consultation"
STRIKE_VERB = "struck a consultation that was recorded by mistake"
NEW_OWNER_VERB = "gave an action to who is to do it now"


@transaction.atomic
def save_draft(
    child: Child,
    *,
    typed: Mapping[str, Any],
    answers: Mapping[str, Any],
    by: User,
    on: date,
    draft: Consultation | None = None,
    version: int = 1,
) -> Consultation:
    """Return the draft as typed, for its author alone; the history says only that it was saved."""
    child = store.lock_child(child)
    appointment = require_writer_appointment(by, child, on=on)
    consultation = _own_draft(draft, child, by=by, version=version)
    if draft is None:
        consultation.held_on = on
    for name in DRAFT_FIELDS:
        setattr(consultation, name, answers.get(name) or getattr(consultation, name))
    consultation.typed = dict(typed)
    consultation.save(update_fields=None if draft is None else DRAFT_UPDATE_FIELDS)
    verb = BEGIN_DRAFT_VERB if draft is None else SAVE_DRAFT_VERB
    history.record_change(verb, consultation, by=by, on=on, appointment=appointment)
    return consultation


def _own_draft(draft: Consultation | None, child: Child, *, by: User, version: int) -> Consultation:
    if draft is None:
        return Consultation(child=child, by=by)
    locked = Consultation.objects.select_for_update().get(pk=draft.pk)
    refuse(
        "This consultation is on the record already." if locked.recorded_on else "",
        "Only its author writes in a draft." if locked.by_id != by.pk else "",
    )
    if locked.version != version:
        raise StaleVersionError("draft")
    locked.version += 1
    locked.child = child
    return locked


def identical_record(
    child: Child, content: ConsultationContent, *, by: User, on: date
) -> Consultation | None:
    """Return what this author has recorded about the child today in the very same words, if so."""
    values = _comparable_fields(with_full_lists(content, child))
    today = child.consultations.filter(
        by=by, recorded_on=on, held_on=content.held_on, struck_on=None
    )
    rows = today.prefetch_related("options", "evidence", "actions")
    return next((each for each in rows if _comparable_fields(content_of(each)) == values), None)


def _comparable_fields(content: ConsultationContent) -> dict[str, Any]:
    values = history_fields(content)
    return {**values, "actions": sorted(values["actions"])}


def _refuse_errors(content: ConsultationContent, child: Child, *, on: date) -> None:
    status = AboriginalStatus(child.aboriginal_status)
    errors = content_errors(content, status=status, born_on=child.born_on, on=on)
    refuse(
        *(error_with_option(*each) for each in errors.items()),
        *(action_due_on_error(each.due_on, held_on=content.held_on) for each in content.actions),
    )


@transaction.atomic
def record(
    child: Child,
    content: ConsultationContent,
    *,
    by: User,
    on: date,
    draft: Consultation | None = None,
    version: int = 1,
) -> Consultation:
    """Return the consultation, on the record from now on; the same content is recorded once."""
    child = store.lock_child(child)
    appointment = require_writer_appointment(by, child, on=on)
    content = with_full_lists(content, child)
    _refuse_errors(content, child, on=on)
    if draft is None and (alike := identical_record(child, content, by=by, on=on)):
        return alike
    consultation = _own_draft(draft, child, by=by, version=version)
    consultation.recorded_on, consultation.typed = on, {}
    write_content(consultation, content, on=on)
    who: dict[str, Any] = {"by": by, "on": on, "appointment": appointment}
    history.record_change(RECORD_VERB, consultation, after=history_fields(content), **who)
    return consultation


class Exemption(TypedDict):
    """Why an endorsement need not wait for the evidence that is missing, and by when it comes."""

    because: str
    until: date | None


@transaction.atomic
def record_and_propose(
    child: Child,
    content: ConsultationContent,
    proposal: Proposal,
    *,
    exemption: Exemption | None = None,
    endorses: bool = False,
    by: User,
    on: date,
    draft: Consultation | None = None,
    version: int = 1,
) -> GoalChange:
    """Return the change that a consultation recommends, proposed together with its recording.

    With `endorses` it is endorsed too. All of it is saved, or nothing.
    """
    who: dict[str, Any] = {"by": by, "on": on}
    consultation = record(child, content, draft=draft, version=version, **who)
    change = goal_changes.draft(consultation, **who, **proposal)
    decisions.propose(change, **who)
    if endorses:
        said = exemption or Exemption(because="", until=None)
        decisions.endorse(
            change,
            evidence_exempted_because=said["because"],
            evidence_exempted_until=said["until"],
            **who,
        )
    return change


@transaction.atomic
def correct(
    consultation: Consultation,
    content: ConsultationContent,
    *,
    version: int,
    by: User,
    on: date,
) -> Consultation:
    """Return the recorded consultation as corrected, in a new version.

    Anything but the actions is material: the endorsement of a change on it becomes void (rule 9).
    """
    child = store.lock_child(consultation.child)
    appointment = require_writer_appointment(by, child, on=on)
    consultation = Consultation.objects.select_for_update().get(pk=consultation.pk)
    consultation.child = child
    refuse(why_not_corrected(consultation))
    if consultation.version != version:
        raise StaleVersionError("consultation")
    before = content_of(consultation)
    content = with_full_lists(content, child)
    _refuse_errors(content, child, on=on)
    refuse(change_support_error(consultation, content))
    content = with_earlier_actions(content, consultation)
    was, now = history.changes(history_fields(before), history_fields(content))
    if not now:
        return consultation
    consultation.version += 1
    new_owners = write_content(consultation, content, on=on)
    who: dict[str, Any] = {"by": by, "on": on, "appointment": appointment}
    history.record_change(CORRECT_VERB, consultation, was, after=now, **who)
    _record_new_owners(new_owners, **who)
    if set(now) - {"actions"}:
        goal_changes.apply_consultation_correction(consultation, by=by, on=on)
    return consultation


def was_corrected(consultation: Consultation) -> bool:
    entries = HistoryEntry.objects.filter(
        child_number=consultation.child_id, subject=f"consultation {consultation.pk}"
    )
    return consultation.version > 1 and entries.filter(verb=CORRECT_VERB).exists()


def why_not_corrected(consultation: Consultation) -> str:
    if not consultation.recorded_on:
        return "This consultation is still a draft."
    if consultation.struck_on:
        return CONSULTATION_STRUCK
    if consultation.goal_changes.filter(status=Status.APPROVED).exists():
        return (
            "A goal change that rests on this consultation is approved, so the consultation stays "
            "as it was. Write what is new in another consultation."
        )
    return ""


def why_not_struck(consultation: Consultation) -> str:
    """Return why a consultation cannot be struck, as a sentence, or "" if it can."""
    if not consultation.recorded_on:
        return "This consultation is still a draft."
    if consultation.struck_on:
        return CONSULTATION_STRUCK
    if consultation.goal_changes.filter(status=Status.APPROVED).exists():
        return (
            "A goal change that rests on this consultation is approved: the goal was set by it, "
            "and no goal stands without its consultation. Record another consultation, and change "
            "the goal by that."
        )
    if consultation.goal_changes.open().exists():
        return "An open goal change rests on this consultation. Withdraw that first."
    return ""


@transaction.atomic
def strike(
    consultation: Consultation, *, reasons: str, version: int, by: User, on: date
) -> Consultation:
    """Return the consultation, struck with the actions agreed at it: nothing can rest on it now.

    `version` is the one that the person saw: StaleEditError if somebody corrected it since.
    """
    child = store.lock_child(consultation.child)
    appointment = require_writer_appointment(by, child, on=on)
    consultation = Consultation.objects.select_for_update(of=("self",)).get(pk=consultation.pk)
    refuse(why_not_struck(consultation), "" if reasons.strip() else "Say why it is struck.")
    if consultation.version != version:
        raise StaleEditError("Somebody has corrected this consultation since you opened it.")
    consultation.strike(reasons=reasons, by=by, on=on)
    strike_actions(consultation.actions.all(), on=on)
    who: dict[str, Any] = {"by": by, "on": on, "appointment": appointment, "note": reasons}
    history.record_change(STRIKE_VERB, consultation, after={"struck_on": on}, **who)
    return consultation


def change_support_error(consultation: Consultation, content: ConsultationContent) -> str:
    """Return why the open goal change could no longer rest on the consultation, or ""."""
    if not consultation.goal_changes.open().exists():
        return ""
    reason = why_change_is_unsupported(consultation, corrected=content)
    return f"An open goal change rests on this consultation. {reason}" if reason else ""
