"""Tests of the whole site: who opens what, how it looks, what it costs and what breaks it."""
