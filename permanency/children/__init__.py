"""Register, find, edit and list children."""
