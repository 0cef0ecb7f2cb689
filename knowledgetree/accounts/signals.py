"""Signals of accounts, for what lies above: the audit log. Each sends ``row``, the ApiToken."""

from django.dispatch import Signal

token_made = Signal()
token_revoked = Signal()
token_used = Signal()  # at most once a minute for each token
