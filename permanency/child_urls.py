"""Addresses of the register of children."""

from django.urls import path

from permanency.views import actions, care, children, goals, register

urlpatterns = [
    path("children/", children.children, name="children"),
    path("children/new/", register.new_child, name="new-child"),
    path("children/find/", children.find_child, name="find-child"),
    path("children/<int:pk>/edit/", register.edit_child, name="edit-child"),
    # Goals
    path("children/<int:pk>/goal/open/", goals.open_goal, name="open-goal"),
    path("children/<int:pk>/goal/intensive/", goals.mark_intensive, name="mark-intensive"),
    path(
        "children/<int:pk>/goal/achievement/", goals.record_achievement, name="record-achievement"
    ),
    path("children/<int:pk>/extensions/new/", goals.new_extension, name="new-extension"),
    # Care, orders, actions
    path("children/<int:pk>/care/new/", care.new_care_episode, name="new-care-episode"),
    path("care-episodes/<int:pk>/edit/", care.edit_care_episode, name="edit-care-episode"),
    path("children/<int:pk>/orders/new/", care.new_court_order, name="new-court-order"),
    path("court-orders/<int:pk>/edit/", care.edit_court_order, name="edit-court-order"),
    path("actions/<int:pk>/done/", actions.action_done, name="action-done"),
]
