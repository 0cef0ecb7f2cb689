"""A secret that is shown once, on the page that a form leads to: loading that page again makes no second one.

It waits in the session, which lies in the SQL database, until that page takes it.
"""

from dataclasses import dataclass

from django.http import HttpRequest

_KEY = "shown_once"


@dataclass(frozen=True)
class Shown:
    """``name``: what the secret is of, for people."""

    name: str
    secret: str


def keep(request: HttpRequest, page: str, shown: Shown) -> None:
    """Keep a secret for the next load of this page. ``page``: any word that ``take`` is given, too."""
    request.session[_KEY] = {"page": page, "name": shown.name, "secret": shown.secret}


def take(request: HttpRequest, page: str) -> Shown | None:
    """The secret that waits for this page, and is removed from the session; None if there is none."""
    kept = request.session.get(_KEY) or {}
    if request.method != "GET" or kept.get("page") != page:
        return None
    del request.session[_KEY]
    return Shown(kept["name"], kept["secret"])
