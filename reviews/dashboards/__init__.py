"""My work, district and state figures, and the lists of what is due."""
