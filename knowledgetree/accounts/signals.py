"""Signals of accounts, for what lies above: the audit log. Those of tokens send ``row``, the ApiToken."""

from django.dispatch import Signal

token_made = Signal()
token_revoked = Signal()
openid_refused = Signal()  # sends the request, and ``why`` nobody was signed in
token_used = Signal()  # at most once a minute for each token
company_opened = Signal()  # sends account, the number of the company, and the person whom it is open to
company_closed = Signal()
view_changed = Signal()  # sends words: as whom an admin views the site now, or that they stopped
