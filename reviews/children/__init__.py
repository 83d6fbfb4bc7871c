"""A child's overview, time line and history pages."""
