"""Cursors: where the next page of a list begins. They are signed, and good for the list and the filters they are of."""

from typing import Any

from django.core.signing import BadSignature, Signer

from tree.api.v1.errors import Problem, wrong

_LONGEST = 4000
_WRONG = "This is no cursor of this list with these filters. Take next_cursor as it was sent."


def written(purpose: str, position: Any) -> str:
    """The cursor of a place, any JSON value, in the list that ``purpose`` tells from all others."""
    return _signer(purpose).sign_object(position)


def place(purpose: str, cursor: str) -> Any:
    """The place of a cursor; None if there is no cursor. Raises Problem."""
    if not cursor:
        return None
    try:
        return _signer(purpose).unsign_object(cursor[:_LONGEST])
    except BadSignature as error:
        raise bad_cursor() from error


def bad_cursor() -> Problem:
    return wrong("cursor", _WRONG)


def _signer(purpose: str) -> Signer:
    return Signer(sep=".", salt=f"cursor of {purpose}")
