"""The rules of permanency as pure functions: dates in, dates and their reasons out.

Nothing here knows a database, a clock, a queue or a web page, and nothing outside this package is
imported but `TextChoices`. Every module names the source of its rule.
"""
