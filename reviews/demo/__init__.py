"""A demonstration: invented people, providers and children, made through the services."""
