"""The open work of somebody who leaves or moves, and giving it to others."""
