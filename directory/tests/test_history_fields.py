"""Every field of a model is kept by the history, or is left out of it for a reason named here."""

import pytest
from django.apps import apps
from django.db.models import Model

# Every app that has models.
APPS = ("directory", "permanency", "consultations", "reviews")
OWN_ACT = "its acts are entries of their own, with what they say"
LOG = "rows are only added: it is a record itself"
VERSION = "a number that goes up with every entry"
CHILD = "the child of the entry"
DERIVED = "worked out from what the entry says"
LISTED = "bookkeeping of the published list"

LEFT_OUT = {
    "Action": {
        "child": CHILD,
        "what": "said by the consultation or the review that agreed it",
        "who": "said by the consultation or the review that agreed it",
        "due_on": "said by the consultation or the review that agreed it",
        "agreed_on": "the day of the consultation or the review that agreed it",
        "owner": "an entry of its own says who takes it over",
        "struck_on": "said by the entry of the consultation or the review that is struck",
    },
    "Allocation": {"person": "the subject of the entry", "version": VERSION},
    "Appointment": {
        "person": "the subject of the entry",
        "instrument": "said once, by the entry of the appointing",
        "version": VERSION,
    },
    "AskedReset": LOG,
    "CalendarFeed": OWN_ACT,
    "CareEpisode": {"child": CHILD, "version": VERSION},
    "CasePlanGoal": {
        "child": CHILD,
        "source": "the verb of its first entry says it",
        "source_note": "the note of its first entry says it",
        "reviewed_before_on": "the last review that its first entry, or a correction, says",
        "review_anchor_on": DERIVED,
        "review_derivation": DERIVED,
        "review_rule_version": DERIVED,
        "anchor_rule_version": DERIVED,
        "two_year_rule_version": DERIVED,
        "first_in_episode_on": DERIVED,
        "two_year_derivation": DERIVED,
        "worst_on": DERIVED,
        "due_first_on": DERIVED,
        "version": VERSION,
    },
    "Child": {
        "reference": "given once, and never changed",
        "folded_name": DERIVED,
        "folded_caseworker": DERIVED,
        "sort_name": DERIVED,
        "restricted_on": OWN_ACT,
        "restricted_by": OWN_ACT,
        "restricted_because": OWN_ACT,
        "version": VERSION,
        "added_at": "the moment of the entry of the registration",
    },
    "Consultation": "its content is kept as its policy knows it, with its options and evidence",
    "CourtOrder": {"child": CHILD, "version": VERSION},
    "Decision": "written with the entry of the step, which says the same",
    "District": {
        "name": "comes from the published list alone, whose loading says it",
        "slug": "comes from the published list alone, whose loading says it",
        "time_zone": "comes from the published list alone, whose loading says it",
        "list_key": LISTED,
        "edited_on": LISTED,
        "version": VERSION,
    },
    "Evidence": "the entry of its consultation says it",
    "Extension": {
        "goal": "the entry of its goal says the new date, and why",
        "recorded_by": "whoever that entry is by",
        "recorded_at": "when that entry was written",
    },
    "IntensiveMark": {
        "goal": "the entry of its goal says the day, and why",
        "by": "whoever that entry is by",
    },
    "DistrictSummary": "figures, worked out",
    "FeedRead": LOG,
    "GoalChange": {
        "child": CHILD,
        "follows": "the verb of its first entry says it",
        "status_since_on": "the day of the entry",
        "asked_for_by": DERIVED,
        "recorded_by": "whoever the first entry is by",
        "endorsed_case_managed_by": "the case as the child's own entries say it",
        "endorsed_provider": "the case as the child's own entries say it",
        "endorsed_district": "the case as the child's own entries say it",
        "endorsed_aboriginal_status": "the case as the child's own entries say it",
        "evidence_exempted_because": "the note of the entry",
        "evidence_exempted_until": "the note of the entry",
        "new_goal": "has an entry of its own",
        "case_plan_approved_by": "whoever the entry is by",
        "entered_in_childstory_by": "whoever the entry is by",
        "version": VERSION,
        "begun_at": "the moment of its first entry",
    },
    "GoalReview": {
        "child": CHILD,
        "goal": "the goal of the child on that day",
        "anchor_on": DERIVED,
        "period_months": DERIVED,
        "due_derivation": DERIVED,
        "rules": DERIVED,
        "not_held_reasons": "the note of the entry",
        "backdated_reasons": "the note of the entry",
        "by": "whoever the entry is by",
        "recorded_on": "the day of the entry",
        "struck_by": "whoever that entry is by",
        "struck_because": "the note of that entry",
        "version": VERSION,
    },
    "Heartbeat": "when processes were last alive: nobody's act",
    "HistoryEntry": LOG,
    "HistoryHead": "the end of a chain, from its entries",
    "HistoryHeadOfDay": LOG,
    "Inbox": {
        "is_fallback": "set as the row is made, and never again",
        "list_key": LISTED,
        "edited_on": LISTED,
        "version": VERSION,
    },
    "Draft": "typed and not saved: no act yet",
    "Mail": OWN_ACT,
    "MailSwitch": OWN_ACT,
    "NamedPerson": OWN_ACT,
    "Notice": "follows from acts that are in the history",
    "OptionWeighed": "the entry of its consultation says it",
    "Office": {
        "district": "set as the row is made: the district of the entry",
        "list_key": LISTED,
        "edited_on": LISTED,
        "version": VERSION,
    },
    "Provider": {"version": VERSION},
    "ReadEntry": LOG,
    "Redaction": OWN_ACT,
    "RuleVersion": {
        "version": "the subject of the entry",
        "content": "each period and setting stands in the entry by its own name",
        "drafted_by": OWN_ACT,
        "drafted_at": OWN_ACT,
        "published_by": OWN_ACT,
        "published_at": OWN_ACT,
        "withdrawn_at": OWN_ACT,
    },
    "RulesTakenEffect": OWN_ACT,
    "Submission": "follows from an act that is in the history",
    "Session": "sign-ins are in their own log",
    "SignInLink": OWN_ACT,
    "SignInTry": LOG,
    "Subject": OWN_ACT,
    "TickRun": LOG,
    "User": {
        "password": "a secret: its acts are entries of their own",
        "last_login": "sign-ins are in their own log",
        "created_at": "the moment of the entry of the adding",
        "version": VERSION,
    },
}


# The fields that stand behind what is no field itself.
SOURCES = {
    "GoalChange.goal_before": ("current_goal",),
    "Allocation.__str__": ("office", "provider"),
    "Appointment.get_role_display": ("role",),
    "Appointment.place_name": ("district",),
    "District.inbox_name": ("inbox",),
    "GoalReview.actions_in_words": ("actions",),
    "Provider.district_names": ("districts",),
}


def fields_of(model: type[Model]) -> set[str]:
    """Return the names of a model's own fields but its key."""
    own = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return {each.name for each in own if not each.primary_key}


def kept_fields(model: type[Model]) -> set[str]:
    """Return the names of the fields that the history keeps."""
    declared = getattr(model, "HISTORY_FIELDS", ())
    firsts = ((each.partition("=")[2] or each).split(".")[0] for each in declared)
    sources = (SOURCES.get(f"{model.__name__}.{first}", (first,)) for first in firsts)
    return {name for names in sources for name in names}


MODELS = {each.__name__: each for app in APPS for each in apps.get_app_config(app).get_models()}


@pytest.mark.parametrize("name", MODELS)
def test_the_history_keeps_every_field_or_there_is_a_reason(name: str) -> None:
    left_out, kept = LEFT_OUT.get(name, {}), kept_fields(MODELS[name])
    if isinstance(left_out, str):
        assert kept == set(), "a model with HISTORY_FIELDS is not left out as a whole"
    else:
        assert fields_of(MODELS[name]) - kept == set(left_out)


def test_only_models_that_there_are_have_a_reason() -> None:
    assert set(LEFT_OUT) <= set(MODELS)
    assert {each.split(".")[0] for each in SOURCES} <= set(MODELS)
