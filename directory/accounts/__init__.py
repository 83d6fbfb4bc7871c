"""Signing in: passwords, links, second factors, single sign-on, throttle, separation of duties."""
