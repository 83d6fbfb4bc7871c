"""Pages of consultations, goal changes and the approvals queue."""
