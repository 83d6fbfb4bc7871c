"""Care episodes, court orders and agreed actions."""
