"""The verbs of consultations and goal changes: everything that writes about them."""
