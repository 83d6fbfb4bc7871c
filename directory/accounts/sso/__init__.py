"""The agency's own sign-in by OpenID Connect."""
