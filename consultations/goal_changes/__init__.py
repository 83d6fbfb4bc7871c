"""A goal change from draft to approval: eligibility, transitions, queue."""
