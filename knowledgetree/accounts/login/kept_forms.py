"""What somebody typed into a form, kept in their session while they enter the password that its route wants first.

Only routes whose forms hold no secret are kept.
"""

import time
from typing import Any

from django import forms
from django.http import HttpRequest

from knowledgetree.basics.address_forms import whole_number

_KEY = "kept_form"
_ROUTES = frozenset({"token-make", "webhook-add"})
_KEPT_SECONDS = 15 * 60
_MOST_BYTES = 100_000  # a longer form is no form of ours


def keep(request: HttpRequest, route: str) -> None:
    """Keep what was sent to this route, if it is one of those; an earlier form is forgotten."""
    length = whole_number(request.META.get("CONTENT_LENGTH"), 1, _MOST_BYTES)
    if route not in _ROUTES or length is None:
        return
    typed = {name: request.POST.getlist(name) for name in request.POST if name != "csrfmiddlewaretoken"}
    request.session[_KEY] = {"route": route, "typed": typed, "at": time.time()}


def take(request: HttpRequest, route: str, form: type[forms.Form]) -> dict[str, Any]:
    """The values that were typed into this form for the route, as its ``initial``; they are kept no longer.

    Empty if there are none, or if they are older than a fresh login.
    """
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    if request.method != "GET" or kept.get("route") != route:
        return {}
    del request.session[_KEY]
    if not 0 <= time.time() - kept["at"] <= _KEPT_SECONDS:
        return {}
    return {name: _value(field, kept["typed"].get(name, [])) for name, field in form.base_fields.items()}


def _value(field: forms.Field, typed: list[str]) -> list[str] | str:
    return typed if isinstance(field, forms.MultipleChoiceField) else "".join(typed[-1:])
