"""Pages of sign-in, contacts and the directory."""
