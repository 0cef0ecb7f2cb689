"""Whether Core has ended the session of a person's token. Core is asked once in a while, and its answer is kept.

Core answers 200 for a session that is open and 401 for one that is not. Anything else, its 500 too, only means that
nobody knows.
"""

import hashlib
import time

from django.conf import settings

from knowledgetree.accounts.identity import BadToken, CoreSilent
from knowledgetree.accounts.sso.core.claims import PersonClaims
from knowledgetree.accounts.sso.core.questions import NoAnswer, ask
from knowledgetree.basics.marks import marks

BELIEVED_SECONDS = 45  # of the 60 in which a login that was revoked has to be out
YOUNG_SECONDS = 300  # of a token that may be believed without any answer, as Nexus does
SILENT_SECONDS = 10  # in which a Core that gave no answer is not asked again
_ENDED, _SILENT = "ended", "core-gave-no-answer"


def check(token: str, claims: PersonClaims) -> None:
    """Raises BadToken if Core has ended the session, CoreSilent if an older token cannot be checked."""
    key = f"core-session-{hashlib.sha256(token.encode()).hexdigest()}"
    known = marks.get(key)
    if known == _ENDED:
        raise BadToken("The session of the token has ended: log in again.")
    if isinstance(known, float) and 0 <= time.time() - known < BELIEVED_SECONDS:
        return
    left = max(int(claims.exp - time.time()), 0) + 60
    status = _status(token)
    if status == 200:
        marks.set(key, time.time(), left)
    elif status == 401:
        marks.set(key, _ENDED, left)
        raise BadToken("The session of the token has ended: log in again.")
    elif known is None and time.time() - claims.iat > YOUNG_SECONDS:
        raise CoreSilent("Core does not answer, so nobody knows whether this session is still open.")


def _status(token: str) -> int | None:
    """The status of Core's answer, None if there is none. What it says besides must fit the status."""
    silent = f"{_SILENT}-{settings.CORE.url}"
    if marks.get(silent):
        return None
    try:
        status, answer = ask("/api/token/validate", {"token": token})
    except NoAnswer:
        status, answer = 0, None
    valid = answer.get("valid") if isinstance(answer, dict) else None
    if (status, valid) in ((200, True), (401, False)):
        return status
    marks.set(silent, True, SILENT_SECONDS)
    return None
