"""The next 26 weeks, workload, and calendar feeds."""
