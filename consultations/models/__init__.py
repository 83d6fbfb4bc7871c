"""How: consultations, the goal changes that they lead to, and decisions."""

from consultations.models.changes import Decision, GoalChange
from consultations.models.consultations import Consultation, Evidence, OptionWeighed

__all__ = ["Consultation", "Decision", "Evidence", "GoalChange", "OptionWeighed"]
