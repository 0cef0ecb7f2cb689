"""Signals of accounts, for what lies above: the audit log. Those of tokens send ``row``, the ApiToken."""

from django.dispatch import Signal

token_made = Signal()
token_revoked = Signal()
openid_refused = Signal()  # sends the request, and ``why`` nobody was signed in
token_used = Signal()  # at most once a minute for each token
