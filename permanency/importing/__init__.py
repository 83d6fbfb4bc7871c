"""Reads an extract of ChildStory: a CSV file with the columns that `columns` names."""
