"""What a consultation says, what a recorded one must say, and which can carry a goal change.

Pure: no database, no clock. Sources: DCJ, permanency consultation (the Permanency Coordinator
convenes, facilitates and records it; facts and evidence are considered, advice is given and
recommendations are recorded); permanent placement principles, section 10A of the Care Act.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from directory import names
from permanency.policy.actions import AgreedAction
from permanency.policy.goals import AboriginalStatus, Goal, goals_in_order, options_in_order
from permanency.policy.months import day_in_words

FORMAL = "formal"
GOAL_CHANGE = "goal_change"
SEEN = "seen"
MISSING = "missing"
# The purposes that are about the goal: there each option is weighed.
ABOUT_THE_GOAL = frozenset({GOAL_CHANGE, "difficulty", "permanency"})

# What a formal consultation says beside what every consultation says.
REQUIRED_ALWAYS = {
    "asked_by_name": "Say who asked for the consultation.",
    "question": "Write the question that was put.",
    "recommendation": "Write what you recommend.",
}
REQUIRED_IF_FORMAL = {
    "took_part": "Say who took part, one person a line.",
    "child_views": "Write the child's views. If they are not known, say why.",
    "family_views": "Write the family's views. If they are not known, say why.",
    "reasons": "Give the reasons for the recommendation.",
}


@dataclass(frozen=True)
class Option:
    """One permanency option as it was weighed; the answers are "yes", "no", "unsure" or ""."""

    goal: str
    is_practicable: str = ""
    in_best_interests: str = ""
    reasons: str = ""


@dataclass(frozen=True)
class EvidenceEntry:
    """One line of the evidence checklist: "seen", "missing" or "not_needed", and a note."""

    kind: str
    state: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ConsultationContent:
    kind: str
    purpose: str
    held_on: date
    asked_by_name: str = ""
    asked_by_organisation: str = ""
    asked_by_role: str = ""
    took_part: str = ""
    question: str = ""
    child_views: str = ""
    family_views: str = ""
    cultural_advice: str = ""
    cultural_advice_from: str = ""
    recommended_goal: str = ""
    recommendation: str = ""
    reasons: str = ""
    options: tuple[Option, ...] = ()
    evidence: tuple[EvidenceEntry, ...] = ()
    actions: tuple[AgreedAction, ...] = ()


def option_field(goal: str, part: str) -> str:
    return f"option_{goal}_{part}"


def error_with_option(field: str, sentence: str) -> str:
    """Return what is wrong with a field as it reads away from the field: an option is named."""
    for goal in Goal:
        if field.startswith(option_field(goal, "")):
            return f"{goal.label}: {sentence}"
    return sentence


def is_name_of(typed: str, *, name: str, email: str) -> bool:
    """Say whether a typed name can be this person: the same words, some of them, or more.

    Words are compared as they are found (`directory/names.py`), parted at their marks or not.
    """
    written, own, address = _both_ways(typed), _both_ways(name), set(names.pieces_of(email))
    return (
        any(words and words <= set().union(*own) for words in written)
        or any(words and words <= set().union(*written) for words in own)
        or bool(address and address <= written[0])
    )


def _both_ways(name: str) -> tuple[set[str], set[str]]:
    return set(names.pieces_of(name)), {"".join(word) for word in names.words_of(name)}


def content_errors(
    content: ConsultationContent, *, status: AboriginalStatus, born_on: date, on: date
) -> dict[str, str]:
    """Return what keeps the content from being recorded, by field; empty if nothing does."""
    errors = _blank_errors(content, REQUIRED_ALWAYS)
    if held := held_on_error(content.held_on, born_on=born_on, on=on):
        errors["held_on"] = held
    if content.kind != FORMAL:
        return errors
    errors |= _blank_errors(content, REQUIRED_IF_FORMAL)
    if content.purpose == GOAL_CHANGE and not content.recommended_goal:
        errors["recommended_goal"] = "Choose the goal that you recommend."
    if asks_for_cultural_advice(status) and not content.cultural_advice.strip():
        errors["cultural_advice"] = (
            "Write the cultural advice that was given. If there was none, say why."
        )
    if content.purpose in ABOUT_THE_GOAL:
        errors.update(_option_errors(content, status))
    return errors


def _blank_errors(content: ConsultationContent, required: dict[str, str]) -> dict[str, str]:
    return {
        field: error for field, error in required.items() if not getattr(content, field).strip()
    }


def state_of_evidence(
    kind: str,
    marked: str,
    *,
    child_views: str,
    cultural_advice: str,
    cultural_advice_from: str,
) -> str:
    """Return how a piece of evidence stands: as marked, or seen where the words stand here.

    Those are the child's views, and cultural advice where it says who gave it.
    """
    if kind == "child_views":
        return SEEN if child_views.strip() else MISSING
    if kind == "cultural" and not marked and cultural_advice.strip():
        return SEEN if cultural_advice_from.strip() else MISSING
    return marked or ("not_needed" if kind == "other" else MISSING)


def held_on_error(held_on: date, *, born_on: date, on: date) -> str:
    if held_on > on:
        return "The consultation cannot have been held after today."
    if held_on < born_on:
        return "The consultation cannot have been held before the child was born."
    return ""


def asks_for_cultural_advice(status: AboriginalStatus) -> bool:
    """Say whether a formal consultation writes down cultural advice for this child."""
    return status.is_settled and status.puts_adoption_last


def _option_errors(
    content: ConsultationContent, status: AboriginalStatus
) -> Iterator[tuple[str, str]]:
    weighed = {option.goal: option for option in content.options}
    passed_over = _goals_before(content.recommended_goal, status)
    for goal in goals_in_order(status):
        option = weighed.get(goal, Option(goal))
        if not option.is_practicable:
            yield (
                option_field(goal, "is_practicable"),
                "Say whether it is practicable and in the child's best interests.",
            )
        elif not option.in_best_interests and option.is_practicable != "no":
            yield (
                option_field(goal, "in_best_interests"),
                "Say whether it is in the child's best interests.",
            )
        if goal in passed_over and not option.reasons.strip():
            chosen = Goal(content.recommended_goal).label.lower()
            yield (
                option_field(goal, "reasons"),
                f"Say why not: it is considered before {chosen}.",
            )


def _goals_before(goal: str, status: AboriginalStatus) -> frozenset[Goal]:
    earlier: set[Goal] = set()
    for rank in options_in_order(status):
        if goal in rank:
            return frozenset(earlier)
        earlier.update(rank)
    return frozenset()


def why_unsupported(
    *,
    is_formal: bool,
    is_recorded: bool,
    are_options_weighed: bool,
    held_on: date,
    begun_at: datetime,
    approved_on: date | None,
    approved_at: datetime | None,
) -> str:
    """Return why a consultation cannot carry a goal change (rule 6), or "".

    One of the day of the child's last approval counts if it was first written down after that.
    """
    if not is_formal:
        return "Informal advice cannot carry a goal change: hold a formal consultation."
    if not is_recorded:
        return "Record the consultation first: a draft cannot carry a goal change."
    if not are_options_weighed:
        return "No option was weighed at this consultation: a goal change needs one about the goal."
    if approved_on is None or approved_at is None or held_on > approved_on:
        return ""
    if held_on == approved_on and begun_at > approved_at:
        return ""
    return (
        "The consultation was held before the last goal change was approved, on "
        f"{day_in_words(approved_on)}. A new change needs a new formal consultation."
    )
