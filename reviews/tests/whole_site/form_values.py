"""What is typed at each address that takes a POST, where it leads, and which rows that changes.

Everything else that is sent is what stands in the page's own form already, hidden fields and all.
`changes` names the models of which rows are added (+) or edited; each act adds to the history too,
but for those of `NO_HISTORY`. A page that shows the effect first is sent once more with `save`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from consultations.tests.cases import EFFECTIVE_ON, TODAY
from consultations.tests.test_writing_pages import answers as consultation
from directory.tests.people import date_fields
from permanency.policy.months import add_months
from reviews.tests.whole_site.fixtures import LAST_NAME
from reviews.tests.whole_site.routes import RouteRow

# Whose succeeding POST is proved where the address has its own tests, or which change nothing.
TESTED_ELSEWHERE = {
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
    "my-drafts": "reviews/tests/test_my_drafts.py",
}
# What every act may leave behind beside its own rows.
INCIDENTAL_TABLES = {"Submission", "Draft", "HistoryHead", "Session", "ReadEntry", "FeedRead"}
PASSWORD = "a quiet morning by the river"  # invented for the tests


@dataclass(frozen=True)
class FormCase:
    """What is typed, what that changes, and the name of the address that it leads to."""

    changes: str
    leads_to: str
    typed: dict[str, Any] = field(default_factory=dict)
    press: str = ""


def _date_fields(name: str, value: date = TODAY) -> dict[str, Any]:
    return date_fields(name, value)


NO_HISTORY = {"find-child"}
_REASONS = {"reasons": "Said with care."}
# Not today: at midnight that would be yesterday.
_NOT_HELD = {"not_held_reasons": "Ill.", **_date_fields("planned_on", TODAY + timedelta(days=7))}
_GOAL = {
    "goal": "guardianship",
    **_date_fields("effective_on", EFFECTIVE_ON),
    "source_note": "ChildStory",
}
_CHILD = {
    "childstory_id": "N00001",
    "first_name": "New",
    "last_name": "Child",
    **_date_fields("born_on", add_months(TODAY, -70)),
    "case_managed_by": "DCJ",
}
_LATER = {
    **_date_fields("extended_to", add_months(EFFECTIVE_ON, 40)),
    **_date_fields("decided_on"),
    "decided_by_name": "District executive",
}
_REVIEW = {
    **_date_fields("held_on"),
    "took_part": "Jo Caseworker",
    "progress": "on_track",
    "progress_reasons": "Visits go well.",
    "outcome": "continue",
}
_RULES = {
    "months_long_term_care": "6",
    **_date_fields("effective_on", add_months(TODAY, 3)),
    "transition": "recount",
    "source": "Practice direction",
}
_WHY = {"why": "It was recorded wrongly."}
_BOTH_DATES = {**_date_fields("case_plan_approved_on"), **_date_fields("entered_in_childstory_on")}
_SINCE = EFFECTIVE_ON - timedelta(5)
_ENTERED = _date_fields("entered_on", _SINCE)
_HELD = _date_fields("held_on", TODAY - timedelta(2))
_SECRET = {"password": PASSWORD, "again": PASSWORD}
_SOON = TODAY + timedelta(days=30)
_SAID = {name: value for name, value in consultation().items() if name != "version"}
_ACCOUNT = "+OptionWeighed +Evidence"
_CONSULTATION = f"+Consultation {_ACCOUNT}"
_CORRECTED = {"question": "Another question?", "save": "record"}
_APPROVAL = "GoalChange +Decision CasePlanGoal +CasePlanGoal"

FORM_CASES: dict[str, FormCase] = {
    "find-child": FormCase("", "find-child", {"who": LAST_NAME}),
    # A child
    "new-child": FormCase("+Child", "child", _CHILD),
    "edit-child": FormCase("Child", "child", {"caseworker": "Another Worker"}),
    "open-goal": FormCase("+CasePlanGoal", "child", _GOAL),
    "mark-intensive": FormCase("+IntensiveMark CasePlanGoal", "child", _REASONS),
    "record-achievement": FormCase("CasePlanGoal", "child", _date_fields("achieved_on")),
    "correct-achievement": FormCase("CasePlanGoal", "child", {"taken_back": "on"} | _REASONS),
    "correct-mark": FormCase("IntensiveMark", "child", {"reasons": "Visits broke off."} | _WHY),
    "correct-extension": FormCase("Extension CasePlanGoal", "child", _LATER | _WHY),
    "new-extension": FormCase("+Extension CasePlanGoal", "child", _LATER | _REASONS),
    "new-care-episode": FormCase("+CareEpisode", "child", _date_fields("entered_on", EFFECTIVE_ON)),
    "edit-care-episode": FormCase("CareEpisode", "child", _ENTERED | _REASONS),
    "correct-goal": FormCase(
        "CasePlanGoal", "child", _date_fields("effective_on", _SINCE) | _REASONS
    ),
    "new-court-order": FormCase(
        "+CourtOrder", "child", {"kind": "supervision", **_date_fields("starts_on")}
    ),
    "edit-court-order": FormCase("CourtOrder", "child", {"note": "The file was seen."}),
    "action-done": FormCase("Action", "child"),
    # Consultations and goal changes
    "new-consultation": FormCase(_CONSULTATION, "consultation", _SAID),
    "edit-consultation": FormCase("Consultation Action", "consultation", _CORRECTED),
    "edit-consultation draft": FormCase(f"{_ACCOUNT} Consultation", "consultation", _SAID),
    "strike-consultation": FormCase("Consultation Action", "consultation", _REASONS),
    "new-goal-change": FormCase("+GoalChange +Decision", "goal-change"),
    "edit-goal-change": FormCase("GoalChange +Decision", "goal-change", _REASONS),
    "goal-change": FormCase(
        "GoalChange +Decision",
        "goal-change",
        {"decision": "decline", "decline-reasons": "Said with care."},
    ),
    "mark-evidence": FormCase(
        "Consultation Evidence GoalChange", "goal-change", {"state": "seen", "note": "On the file"}
    ),
    "take-step propose": FormCase("GoalChange +Decision", "goal-change"),
    "take-step endorse": FormCase("GoalChange +Decision", "goal-change", _REASONS),
    "take-step not_endorse": FormCase("GoalChange +Decision", "goal-change", _REASONS),
    "take-step ask_for_more": FormCase("GoalChange +Decision", "goal-change", _REASONS),
    "take-step approve": FormCase(_APPROVAL, "goal-change", _REASONS),
    "take-step decline": FormCase("GoalChange +Decision", "goal-change", _REASONS),
    "take-step start_again": FormCase("+GoalChange +Decision", "goal-change"),
    "take-step withdraw": FormCase("GoalChange +Decision", "goal-change", _REASONS),
    "record-case-plan": FormCase("GoalChange", "goal-change", _BOTH_DATES),
    # Reviews
    "new-review": FormCase("+GoalReview CasePlanGoal", "child", _REVIEW),
    "new-review no": FormCase("+GoalReview", "child", _NOT_HELD),
    "correct-review-date": FormCase("GoalReview CasePlanGoal", "review", _HELD | _REASONS),
    "correct-review": FormCase(
        "GoalReview", "review", {"progress_reasons": "Visits go very well."}
    ),
    "strike-review": FormCase("GoalReview CasePlanGoal", "review", _REASONS),
    # The rules
    "new-rules": FormCase("+RuleVersion", "rules-version", _RULES),
    "publish-rules": FormCase("RuleVersion", "rules-version"),
    "withdraw-rules": FormCase("RuleVersion", "rules"),
    "revoke-calendar": FormCase("CalendarFeed", "calendar"),
    # The directory
    "new-person": FormCase(
        "+User", "person", {"name": "N P", "email": "n.p@example.org"} | _SECRET
    ),
    "edit-person": FormCase("User", "person", {"name": "Vera Vacant-Smith"}),
    "new-password": FormCase("User", "person", _SECRET),
    "disable-person": FormCase("User", "open-work"),
    "enable-person": FormCase("User", "person"),
    "unlock-person": FormCase("", "person"),
    "new-appointment": FormCase("+Appointment", "person", {"role": "district_manager"}),
    "end-appointment": FormCase("Appointment", "open-work"),
    "cancel-appointment": FormCase("-Appointment", "person"),
    "new-allocation": FormCase("+Allocation", "person"),
    "end-allocation": FormCase("Allocation", "person"),
    "edit-district": FormCase("District", "districts", {"note": "Two offices share a desk."}),
    "new-inbox": FormCase("+Inbox", "inboxes", {"name": "New box", "address": "new@example.org"}),
    "edit-inbox": FormCase("Inbox", "inboxes", {"name": "Hunter box"}),
    "retire-inbox": FormCase("Inbox", "inboxes"),
    "bring-back-inbox": FormCase("Inbox", "inboxes"),
    "new-office": FormCase("+Office", "offices", {"name": "New office"}),
    "edit-office": FormCase("Office", "offices", {"name": "Lambton North"}),
    "retire-office": FormCase("Office", "offices"),
    "bring-back-office": FormCase("Office", "offices"),
    "new-provider": FormCase("+Provider +Provider_districts", "providers", {"name": "New Care"}),
    "edit-provider": FormCase("Provider", "providers", {"name": "Example Care of Hunter"}),
    "retire-provider": FormCase("Provider", "providers"),
    "bring-back-provider": FormCase("Provider", "providers"),
}
# Where a field offers a choice that only the page knows: the first one that it offers is taken.
FIRST_CHOICE = {
    "new-child": ("district",),
    "new-appointment": ("district",),
    "new-allocation": ("place",),
    "new-office": ("district",),
    "new-provider": ("districts",),
}


def form_case_at(row: RouteRow) -> FormCase | None:
    """Return what is typed at the address of a line; None where that is proved elsewhere."""
    if row.route in TESTED_ELSEWHERE:
        return None
    return FORM_CASES.get(f"{row.route} {row.word}".strip()) or FORM_CASES.get(row.route)
