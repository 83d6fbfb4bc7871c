"""When: goal reviews, two-year dates, the ledger of what is owed, and dashboards."""
