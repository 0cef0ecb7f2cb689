"""Records sign-ins, failed ones and ends, the life of API tokens, and what is opened to whom: receivers of signals."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from knowledgetree.accounts import signals
from knowledgetree.accounts.acting import Acting, Way
from knowledgetree.accounts.identify import bearer_token
from knowledgetree.accounts.models import ApiToken
from knowledgetree.audit.actions import Action
from knowledgetree.audit.log import Client, record
from knowledgetree.basics.marks import marks

_ONE_REFUSAL_SECONDS = 60  # of entries for an address that goes on trying


def listen() -> None:
    """Connect the receivers."""
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_login_failed.connect(_failed, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    signals.openid_refused.connect(_openid_refused, dispatch_uid="audit")
    signals.token_made.connect(_token_made, dispatch_uid="audit")
    signals.token_revoked.connect(_token_revoked, dispatch_uid="audit")
    signals.token_used.connect(_token_used, dispatch_uid="audit")
    signals.company_opened.connect(_company_opened, dispatch_uid="audit")
    signals.company_closed.connect(_company_closed, dispatch_uid="audit")
    signals.view_changed.connect(_view_changed, dispatch_uid="audit")


def cache_key(text: str) -> str:
    """A key of the cache for this text, whatever characters it has."""
    return f"audit-{hashlib.sha256(text.encode()).hexdigest()}"


def note_refused_token(request: HttpRequest) -> None:
    """Record that a bearer token was refused, once a minute for each address."""
    address = request.META.get("REMOTE_ADDR", "")
    if bearer_token(request) is not None and marks.add(cache_key(f"refused-{address}"), True, _ONE_REFUSAL_SECONDS):
        record(Action.SIGN_IN_FAILED, detail="a token was refused", who=Acting(Way.TOKEN, ""))


def _signed_in(sender: Any, user: User, request: HttpRequest | None = None, **_: Any) -> None:
    match = request.resolver_match if request else None
    again = "password entered again" if match and match.url_name == "password_confirm" else ""
    record(Action.SIGNED_IN, detail=again, who=_at_a_page(user))


def _signed_out(sender: Any, user: User | None, **_: Any) -> None:
    if user is not None:
        record(Action.SIGNED_OUT, who=_at_a_page(user))


def _failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """What was typed is recorded only if somebody is called so: people type passwords into the wrong field."""
    count = getattr(request, "counted_attempt", None)
    typed = str(credentials.get("username") or "")
    if count is not None and count.failures_since_start >= settings.AXES_FAILURE_LIMIT:
        key = cache_key(f"failed-{typed}-{count.ip_address}")
        if not marks.add(key, True, _ONE_REFUSAL_SECONDS):
            return
    user = User.objects.filter(username=typed).first()
    who = _at_a_page(user) if user else Acting(Way.PAGE, "")
    record(Action.SIGN_IN_FAILED, detail="" if user else "a name that nobody has", who=who)


def _openid_refused(sender: Any, request: HttpRequest, why: str, **_: Any) -> None:
    address = request.META.get("REMOTE_ADDR", "")
    if marks.add(cache_key(f"openid-{address}"), True, _ONE_REFUSAL_SECONDS):
        record(Action.SIGN_IN_FAILED, detail=why, who=Acting(Way.PAGE, ""))


def _at_a_page(user: User) -> Acting:
    return Acting(Way.PAGE, user.get_username(), user.pk)


def _token_made(sender: Any, row: ApiToken, **_: Any) -> None:
    only = f"; companies {', '.join(map(str, row.companies))}" if row.companies else ""
    record(Action.TOKEN_MADE, detail=f"{_token(row)}: {', '.join(row.scopes)}{only}")


def _token_revoked(sender: Any, row: ApiToken, **_: Any) -> None:
    record(Action.TOKEN_REVOKED, detail=_token(row))


def _token_used(sender: Any, row: ApiToken, **_: Any) -> None:
    record(Action.TOKEN_USED, who=Acting(Way.TOKEN, row.owner.get_username(), row.owner.pk, row.name))


def _token(row: ApiToken) -> str:
    return f"{row} of {row.owner.get_username()}"


def _company_opened(sender: Any, account: str, person: User, **_: Any) -> None:
    record(Action.COMPANY_OPENED, company=Client(account), detail=f"to {person.get_username()}")


def _company_closed(sender: Any, account: str, person: User, **_: Any) -> None:
    record(Action.COMPANY_CLOSED, company=Client(account), detail=f"to {person.get_username()}")


def _view_changed(sender: Any, words: str, **_: Any) -> None:
    record(Action.VIEWED_AS, detail=words)
