"""What is counted: which cases, kept counts for each district, children without a date."""
