"""Reads a ChildStory extract, shows what it would change, and writes it."""
