"""A goal's life, its two dates, extensions, and the effects of a step on the dates."""
