"""Signing in with a password: the forms, wrong passwords, fresh logins, the first admin."""
