"""What the settings and the running role must be before the product starts."""
