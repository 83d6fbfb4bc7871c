"""Restricting a child's record to named people."""
