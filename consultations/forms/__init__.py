"""Forms of consultations, goal changes and the steps of the workflow."""
