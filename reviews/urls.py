"""Addresses of the pages that draw on everything: my work, a child, reviews, dashboards."""

from django.urls import path

from reviews.views import (
    calendars,
    children,
    correcting,
    exports,
    forecast,
    holding,
    leaving,
    reviews,
    work,
)

urlpatterns = [
    path("", work.my_work, name="my-work"),
    # A child
    path("children/<int:pk>/", children.child, name="child"),
    path("children/<int:pk>/reviews/", reviews.child_reviews, name="child-reviews"),
    path("children/<int:pk>/clock/", children.child_clock, name="child-clock"),
    path("children/<int:pk>/history/", children.child_history, name="child-history"),
    path("children/<int:pk>/history/seen/", children.child_seen, name="child-seen"),
    # Reviews
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/export/", exports.export_reviews, name="export-reviews"),
    path("reviews/new/", holding.new_review, name="new-review"),
    path("reviews/no-clock/", work.no_clock, name="no-clock"),
    path("reviews/changes/", work.changes_waiting, name="changes-waiting"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/versions/", reviews.review_versions, name="review-versions"),
    path("reviews/<int:pk>/edit/", reviews.correct_review, name="correct-review"),
    path("reviews/<int:pk>/date/", correcting.correct_review_date, name="correct-review-date"),
    path("goals/<int:pk>/correct/", correcting.correct_goal, name="correct-goal"),
    # Leavers and moves
    path("directory/people/<int:pk>/work/", leaving.open_work, name="open-work"),
    # Dashboards
    path("dashboard/", work.dashboards, name="dashboards"),
    path("dashboard/<slug:slug>/", work.dashboard, name="dashboard"),
    # The weeks ahead
    path("forecast/", forecast.ahead, name="forecast"),
    path("forecast/export/", forecast.export_forecast, name="export-forecast"),
    path("calendar/<str:token>.ics", calendars.calendar_feed, name="calendar-feed"),
]
