"""Addresses of the pages that draw on everything: my work, a child, reviews, dashboards."""

from django.urls import path

from reviews.children import views as children
from reviews.dashboards import views as dashboards
from reviews.demo.design import design
from reviews.forecast import views as forecast
from reviews.handover import views as handover
from reviews.held import views as held

urlpatterns = [
    path("", dashboards.my_work, name="my-work"),
    path("drafts/", dashboards.my_drafts, name="my-drafts"),
    path("design/", design, name="design"),
    # A child
    path("children/<int:pk>/", children.child, name="child"),
    path("children/<int:pk>/reviews/", held.child_reviews, name="child-reviews"),
    path("children/<int:pk>/clock/", children.child_clock, name="child-clock"),
    path("children/<int:pk>/history/", children.child_history, name="child-history"),
    path("children/<int:pk>/history/seen/", children.child_seen, name="child-seen"),
    # Reviews
    path("reviews/", dashboards.reviews, name="reviews"),
    path("reviews/export/", dashboards.export_reviews, name="export-reviews"),
    path("reviews/new/", held.new_review, name="new-review"),
    path("reviews/no-clock/", dashboards.no_clock, name="no-clock"),
    path("reviews/changes/", dashboards.changes_waiting, name="changes-waiting"),
    path("reviews/<int:pk>/", held.review, name="review"),
    path("reviews/<int:pk>/versions/", held.review_versions, name="review-versions"),
    path("reviews/<int:pk>/edit/", held.correct_review, name="correct-review"),
    path("reviews/<int:pk>/date/", held.correct_review_date, name="correct-review-date"),
    path("reviews/<int:pk>/strike/", held.strike_review, name="strike-review"),
    path("goals/<int:pk>/correct/", held.correct_goal, name="correct-goal"),
    # Leavers and moves
    path("directory/people/<int:pk>/work/", handover.open_work, name="open-work"),
    # Dashboards
    path("dashboard/", dashboards.dashboards, name="dashboards"),
    path("dashboard/<slug:slug>/", dashboards.dashboard, name="dashboard"),
    # The weeks ahead
    path("forecast/", forecast.forecast_page, name="forecast"),
    path("forecast/export/", forecast.export_forecast, name="export-forecast"),
    path("calendar/<str:token>.ics", forecast.calendar_feed, name="calendar-feed"),
]
