"""Everything that changes the directory. Each act is atomic and leaves an entry in the history."""
