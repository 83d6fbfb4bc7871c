"""Reviews: hold, correct, not held, missed."""
