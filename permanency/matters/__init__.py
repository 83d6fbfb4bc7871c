"""The matters that notices are about."""
