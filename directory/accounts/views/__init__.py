"""Pages of signing in, second factors and single sign-on."""
