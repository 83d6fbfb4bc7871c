"""What is typed at each address that takes a POST, where it leads, and which rows that changes.

Everything else that is sent is what stands in the page's own form already, hidden fields and all.
`changes` names the models of which rows are added (+) or edited; each act adds to the history too,
but for those of `NO_HISTORY`. A page that shows the effect first is sent once more with `save`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from consultations.tests.cases import EFFECTIVE, TODAY
from consultations.tests.test_writing_pages import answers as consultation
from directory.tests.people import day
from permanency.policy.months import add_months
from reviews.tests.whole_site.house import LAST_NAME
from reviews.tests.whole_site.routes import Row

# Whose succeeding POST is proved where the address has its own tests, or which change nothing.
PROVED_ELSEWHERE = {
    "sign-in": "directory/tests/test_sign_in.py",
    "account_login": "directory/tests/test_sign_in.py",
    "account_reauthenticate": "directory/tests/test_sign_in.py",
    "sign-out": "directory/tests/test_sign_in.py",
    "stay-signed-in": "directory/tests/test_sessions.py",
    "own-password": "directory/tests/test_passwords.py",
    "add-app": "directory/tests/test_second_factors.py",
    "add-passkey": "directory/tests/test_second_factors.py",
    "mfa_authenticate": "directory/tests/test_second_factors.py",
    "passkey-sign-in": "directory/tests/test_second_factors.py",
    "recovery-codes": "directory/tests/test_second_factors.py",
    "remove-factor": "directory/tests/test_second_factors.py",
    "remove-factors": "directory/tests/test_second_factors.py",
    "choose-password": "directory/tests/test_links.py",
    "forgot-password": "directory/tests/test_links.py",
    "send-link": "directory/tests/test_links.py",
    "retry-mail": "directory/tests/test_retry_and_release.py",
    "release-mail": "directory/tests/test_retry_and_release.py",
    "restrict-child": "permanency/tests/test_restriction_pages.py",
    "lift-restriction": "permanency/tests/test_restriction_pages.py",
    "name-person": "permanency/tests/test_restriction_pages.py",
    "name-from-list": "permanency/tests/test_restriction_pages.py",
    "take-off-person": "permanency/tests/test_restriction_pages.py",
    "export-children": "reviews/tests/test_exports.py",
    "open-work": "reviews/tests/test_open_work.py",
    "export-reviews": "reviews/tests/test_exports.py",
    "make-calendar": "reviews/tests/test_calendar_links.py",
    "export-forecast": "reviews/tests/test_forecast.py",
    "single-sign-on": "directory/tests/test_single_sign_on.py",
    "connect-single-sign-on": "directory/tests/test_single_sign_on.py",
    "prove-by-single-sign-on": "directory/tests/test_single_sign_on_again.py",
    "remove-single-sign-on": "directory/tests/test_single_sign_on_again.py",
    "disconnect-single-sign-on": "directory/tests/test_single_sign_on.py",
    "keep-typed": "directory/tests/test_typed_text.py",
    "discard-typed": "directory/tests/test_typed_text.py",
}
# What every act may leave behind beside its own rows.
BESIDE_THE_ACT = {"SentSheet", "KeptText", "HistoryHead", "Session", "ReadEntry", "FeedRead"}
PASSWORD = "a quiet morning by the river"  # invented for the tests


@dataclass(frozen=True)
class Act:
    """What is typed, what that changes, and the name of the address that it leads to."""

    changes: str
    leads_to: str
    typed: dict[str, Any] = field(default_factory=dict)
    press: str = ""


def _on(name: str, value: date = TODAY) -> dict[str, Any]:
    return day(name, value)


NO_HISTORY = {"find-child"}
_REASONS = {"reasons": "Said with care."}
# Not today: at midnight that would be yesterday.
_NOT_HELD = {"not_held_reasons": "Ill.", **_on("planned_on", TODAY + timedelta(days=7))}
_GOAL = {"goal": "guardianship", **_on("effective_on", EFFECTIVE), "source_note": "ChildStory"}
_CHILD = {
    "childstory_id": "N00001",
    "first_name": "New",
    "last_name": "Child",
    **_on("born_on", add_months(TODAY, -70)),
    "case_managed_by": "DCJ",
}
_LATER = {
    **_on("extended_to", add_months(EFFECTIVE, 40)),
    **_on("decided_on"),
    "decided_by_name": "District executive",
}
_REVIEW = {
    **_on("held_on"),
    "took_part": "Jo Caseworker",
    "progress": "on_track",
    "progress_reasons": "Visits go well.",
    "outcome": "continue",
}
_RULES = {
    "months_long_term_care": "6",
    **_on("effective_on", add_months(TODAY, 3)),
    "transition": "recount",
    "source": "Practice direction",
}
_BOTH_DATES = {**_on("case_plan_approved_on"), **_on("entered_in_childstory_on")}
_SINCE = EFFECTIVE - timedelta(5)
_ENTERED = _on("entered_on", _SINCE)
_HELD = _on("held_on", TODAY - timedelta(2))
_SECRET = {"password": PASSWORD, "again": PASSWORD}
_SOON = TODAY + timedelta(days=30)
_SAID = {name: value for name, value in consultation().items() if name != "version"}
_ACCOUNT = "+OptionWeighed +Evidence"
_CONSULTATION = f"+Consultation {_ACCOUNT}"
_CORRECTED = {"question": "Another question?", "save": "record"}
_APPROVAL = "GoalChange +Decision CasePlanGoal +CasePlanGoal"

ACTS: dict[str, Act] = {
    "find-child": Act("", "", {"who": LAST_NAME}),
    # A child
    "new-child": Act("+Child", "child", _CHILD),
    "edit-child": Act("Child", "child", {"caseworker": "Another Worker"}),
    "open-goal": Act("+CasePlanGoal", "child", _GOAL),
    "mark-intensive": Act("CasePlanGoal", "child", _REASONS),
    "record-achievement": Act("CasePlanGoal", "child", _on("achieved_on")),
    "new-extension": Act("+Extension CasePlanGoal", "child", _LATER | _REASONS),
    "new-care-episode": Act("+CareEpisode", "child", _on("entered_on", EFFECTIVE)),
    "edit-care-episode": Act("CareEpisode", "child", _ENTERED | _REASONS),
    "correct-goal": Act("CasePlanGoal", "child", _on("effective_on", _SINCE) | _REASONS),
    "new-court-order": Act("+CourtOrder", "child", {"kind": "supervision", **_on("starts_on")}),
    "edit-court-order": Act("CourtOrder", "child", {"note": "The file was seen."}),
    "action-done": Act("Action", "child"),
    # Consultations and goal changes
    "new-consultation": Act(_CONSULTATION, "consultation", _SAID),
    "edit-consultation": Act("Consultation Action", "consultation", _CORRECTED),
    "edit-consultation draft": Act(f"{_ACCOUNT} Consultation", "consultation", _SAID),
    "new-goal-change": Act("+GoalChange +Decision", "goal-change"),
    "edit-goal-change": Act("GoalChange +Decision", "goal-change", _REASONS),
    "take-step propose": Act("GoalChange +Decision", "goal-change"),
    "take-step endorse": Act("GoalChange +Decision", "goal-change", _REASONS),
    "take-step not_endorse": Act("GoalChange +Decision", "goal-change", _REASONS),
    "take-step ask_for_more": Act("GoalChange +Decision", "goal-change", _REASONS),
    "take-step approve": Act(_APPROVAL, "goal-change", _REASONS),
    "take-step decline": Act("GoalChange +Decision", "goal-change", _REASONS),
    "take-step start_again": Act("+GoalChange +Decision", "goal-change"),
    "take-step withdraw": Act("GoalChange +Decision", "goal-change", _REASONS),
    "record-case-plan": Act("GoalChange", "goal-change", _BOTH_DATES),
    # Reviews
    "new-review": Act("+GoalReview CasePlanGoal", "child", _REVIEW),
    "new-review no": Act("+GoalReview", "child", _NOT_HELD),
    "correct-review-date": Act("GoalReview CasePlanGoal", "review", _HELD | _REASONS),
    "correct-review": Act("GoalReview", "review", {"progress_reasons": "Visits go very well."}),
    # The rules
    "new-rules": Act("+RuleVersion", "rules-version", _RULES),
    "publish-rules": Act("RuleVersion", "rules-version"),
    "withdraw-rules": Act("RuleVersion", "rules"),
    "revoke-calendar": Act("CalendarFeed", "calendar"),
    # The directory
    "new-person": Act("+User", "person", {"name": "N P", "email": "n.p@example.org"} | _SECRET),
    "edit-person": Act("User", "person", {"name": "Vera Vacant-Smith"}),
    "new-password": Act("User", "person", _SECRET),
    "disable-person": Act("User", "open-work"),
    "enable-person": Act("User", "person"),
    "unlock-person": Act("", "person"),
    "new-appointment": Act("+Appointment", "person", {"role": "district_manager"}),
    "end-appointment": Act("Appointment", "open-work"),
    "cancel-appointment": Act("-Appointment", "person"),
    "new-allocation": Act("+Allocation", "person"),
    "end-allocation": Act("Allocation", "person"),
    "edit-district": Act("District", "districts", {"note": "Two offices share a desk."}),
    "new-inbox": Act("+Inbox", "inboxes", {"name": "New box", "address": "new@example.org"}),
    "edit-inbox": Act("Inbox", "inboxes", {"name": "Hunter box"}),
    "retire-inbox": Act("Inbox", "inboxes"),
    "bring-back-inbox": Act("Inbox", "inboxes"),
    "new-office": Act("+Office", "offices", {"name": "New office"}),
    "edit-office": Act("Office", "offices", {"name": "Lambton North"}),
    "retire-office": Act("Office", "offices"),
    "bring-back-office": Act("Office", "offices"),
    "new-provider": Act("+Provider +Provider_districts", "providers", {"name": "New Care"}),
    "edit-provider": Act("Provider", "providers", {"name": "Example Care of Hunter"}),
    "retire-provider": Act("Provider", "providers"),
    "bring-back-provider": Act("Provider", "providers"),
}
# Where a field offers a choice that only the page knows: the first one that it offers is taken.
FIRST_CHOICE = {
    "new-child": ("district",),
    "new-appointment": ("district",),
    "new-allocation": ("place",),
    "new-office": ("district",),
    "new-provider": ("districts",),
}


def act_at(row: Row) -> Act | None:
    """Return what is typed at the address of a line; None where that is proved elsewhere."""
    if row.route in PROVED_ELSEWHERE:
        return None
    return ACTS.get(f"{row.route} {row.word}".strip()) or ACTS.get(row.route)
