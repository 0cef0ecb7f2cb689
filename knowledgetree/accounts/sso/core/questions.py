"""Asks Core over HTTP, with limits on time and size."""

from typing import Any

from django.conf import settings

from knowledgetree.accounts.sso.bounded_http import NoAnswer, answer_of

__all__ = ["NoAnswer", "ask"]


def ask(path: str, sent: Any = None) -> tuple[int, Any]:
    """GET this path of Core, or POST what is ``sent``. Returns the status and the JSON, None if it is not JSON.

    Raises NoAnswer.
    """
    return answer_of("GET" if sent is None else "POST", f"{settings.CORE.url}{path}", json=sent)
