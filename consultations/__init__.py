"""How: consultations, goal changes and the decisions on them."""
