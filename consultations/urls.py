from django.urls import path

from consultations.goal_changes import views as goal_changes
from consultations.records import evidence
from consultations.records import views as records

urlpatterns = [
    path(
        "children/<int:pk>/consultations/",
        records.child_consultations,
        name="child-consultations",
    ),
    path("consultations/new/", records.new_consultation, name="new-consultation"),
    path("consultations/<int:pk>/", records.consultation, name="consultation"),
    path(
        "consultations/<int:pk>/versions/",
        records.consultation_versions,
        name="consultation-versions",
    ),
    path("consultations/<int:pk>/edit/", records.edit_consultation, name="edit-consultation"),
    path("consultations/<int:pk>/strike/", records.strike_consultation, name="strike-consultation"),
    path("goal-changes/new/", goal_changes.new_goal_change, name="new-goal-change"),
    path("goal-changes/<int:pk>/", goal_changes.goal_change, name="goal-change"),
    path("goal-changes/<int:pk>/edit/", goal_changes.edit_goal_change, name="edit-goal-change"),
    path(
        "goal-changes/<int:pk>/case-plan/", goal_changes.record_case_plan, name="record-case-plan"
    ),
    path(
        "goal-changes/<int:pk>/evidence/<str:kind>/",
        evidence.mark_evidence_page,
        name="mark-evidence",
    ),
    path("goal-changes/<int:pk>/<str:step>/", goal_changes.take_step, name="take-step"),
    path("approvals/", goal_changes.approvals, name="approvals"),
]
