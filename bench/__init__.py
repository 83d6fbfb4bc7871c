"""Measures the product against the goals in docs/performance.md: `make bench`.

Only ratios of figures taken in one run are judged: absolute times differ between machines and days.
Nothing in the product imports this package.
"""
