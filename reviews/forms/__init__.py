"""Forms of the reviews: holding one, correcting one, narrowing the list of what is due."""
