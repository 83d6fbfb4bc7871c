"""Versions of the rules: draft, preview, publish, apply."""
