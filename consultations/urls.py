"""Addresses of the consultations pages."""

from django.urls import path

from consultations.views import changes, consultations, queue, steps, writing

urlpatterns = [
    path(
        "children/<int:pk>/consultations/",
        consultations.child_consultations,
        name="child-consultations",
    ),
    path("consultations/new/", writing.new_consultation, name="new-consultation"),
    path("consultations/<int:pk>/", consultations.consultation, name="consultation"),
    path(
        "consultations/<int:pk>/versions/",
        consultations.consultation_versions,
        name="consultation-versions",
    ),
    path("consultations/<int:pk>/edit/", writing.edit_consultation, name="edit-consultation"),
    path("goal-changes/new/", changes.new_goal_change, name="new-goal-change"),
    path("goal-changes/<int:pk>/", changes.goal_change, name="goal-change"),
    path("goal-changes/<int:pk>/edit/", changes.edit_goal_change, name="edit-goal-change"),
    path("goal-changes/<int:pk>/case-plan/", steps.record_case_plan, name="record-case-plan"),
    path("goal-changes/<int:pk>/<str:step>/", steps.take_step, name="take-step"),
    path("approvals/", queue.approvals, name="approvals"),
]
