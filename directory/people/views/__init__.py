"""Pages about people, their appointments, and the front page of the directory."""
