"""Signing in elsewhere: Core of the platform, and OpenID Connect."""
