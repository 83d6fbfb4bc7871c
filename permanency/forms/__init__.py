"""Forms about children, their care, orders and goals."""
