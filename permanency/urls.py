"""The root of all addresses: the register of children, the rules, and the other apps by name."""

from django.urls import include, path

from permanency.access import views as access
from permanency.care import views as care
from permanency.children import views as children
from permanency.goals import views as goals
from permanency.rules import views as rules

one_child = [
    path("edit/", children.edit_child, name="edit-child"),
    # Who may see it
    path("access/", access.child_access, name="child-access"),
    path("access/restrict/", access.restrict_child, name="restrict-child"),
    path("access/name/", access.name_person, name="name-person"),
    path("access/<int:naming>/take-off/", access.take_off_person, name="take-off-person"),
    path("access/lift/", access.lift_restriction, name="lift-restriction"),
    # Goals
    path("goal/open/", goals.open_goal, name="open-goal"),
    path("goal/intensive/", goals.mark_intensive, name="mark-intensive"),
    path("goal/intensive/<int:mark>/correct/", goals.correct_mark, name="correct-mark"),
    path("goal/achievement/", goals.record_achievement, name="record-achievement"),
    path("goal/achievement/correct/", goals.correct_achievement, name="correct-achievement"),
    path("extensions/new/", goals.new_extension, name="new-extension"),
    path("extensions/<int:extension>/correct/", goals.correct_extension, name="correct-extension"),
    # Care and orders
    path("care/new/", care.new_care_episode, name="new-care-episode"),
    path("orders/new/", care.new_court_order, name="new-court-order"),
]

# By name, so that nothing imports upward.
urlpatterns = [
    path("", include("directory.urls")),
    path("children/", children.children, name="children"),
    path("children/new/", children.new_child, name="new-child"),
    path("children/export/", children.export_children, name="export-children"),
    path("children/find/", children.find_child, name="find-child"),
    path("children/<int:pk>/", include(one_child)),
    path("children/restricted/", access.restricted_children, name="restricted-children"),
    path("children/restricted/<int:pk>/name/", access.name_from_list, name="name-from-list"),
    # Rules
    path("rules/", rules.all_rules, name="rules"),
    path("rules/new/", rules.new_rules, name="new-rules"),
    path("rules/<int:version>/", rules.rules_version, name="rules-version"),
    path("rules/<int:version>/publish/", rules.publish_rules, name="publish-rules"),
    path("rules/<int:version>/withdraw/", rules.withdraw_rules, name="withdraw-rules"),
    # Care, orders, actions
    path("care-episodes/<int:pk>/edit/", care.edit_care_episode, name="edit-care-episode"),
    path("court-orders/<int:pk>/edit/", care.edit_court_order, name="edit-court-order"),
    path("actions/<int:pk>/done/", care.action_done, name="action-done"),
    path("", include("consultations.urls")),
    path("", include("reviews.urls")),
]

handler400 = "directory.web.middleware.bad_request"
handler500 = "directory.web.middleware.server_error"
