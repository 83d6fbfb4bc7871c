"""What: children, their care, orders and case plan goals. Also the project's wiring."""

from permanency.celery import app as celery_app

__all__ = ["celery_app"]
