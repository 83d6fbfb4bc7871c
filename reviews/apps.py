"""The app of reviews of goals, and what is due when."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Reviews, overviews, dashboards and the ledger of what is owed."""

    name = "reviews"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the directory, which does not know this app, where open work stands."""
        from directory.people import signals
        from reviews.handover.open_work import has_open_work, people_with_uncovered_work

        book = signals.OpenWorkSource(has_open_work, people_with_uncovered_work)
        if book not in signals.open_work_sources:
            signals.open_work_sources.append(book)
