"""The page on which people make and revoke their API tokens. Admins see, and may revoke, those of all."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from knowledgetree.accounts import api_tokens, policy
from knowledgetree.accounts.models import ApiToken
from knowledgetree.basics.scopes import WHAT_SCOPES_ALLOW, Scope

_LIVES = ((30, "30 days"), (90, "90 days"), (365, "a year"), (0, "no end"))


class TokenForm(forms.Form):
    """What a new token is for, what it may do and for how long."""

    name = forms.CharField(max_length=100, label="What it is for")
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, f"{scope.value}: {what}") for scope, what in WHAT_SCOPES_ALLOW.items()],
        widget=forms.CheckboxSelectMultiple,
        label="What it may do",
        error_messages={"required": "Choose at least one."},
    )
    days = forms.TypedChoiceField(choices=_LIVES, coerce=int, initial=90, label="It expires after")


@never_cache
@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens of this person, for admins those of all, and the form for a new one."""
    return _page(request, TokenForm(initial={"scopes": [Scope.READ.value]}))


@never_cache
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a token, and show it this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    days = form.cleaned_data["days"]
    expires_at = timezone.now() + timedelta(days=days) if days else None
    scopes = {Scope(value) for value in form.cleaned_data["scopes"]}
    row, text = api_tokens.make(request.user, form.cleaned_data["name"], scopes, expires_at)  # type: ignore[arg-type]
    return _page(request, TokenForm(), made=row, text=text)


@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Revoke a token of this person, or any as an admin."""
    row = _visible(request).filter(pk=number).first()
    if row is None:
        raise Http404("There is no such token.")
    api_tokens.revoke(row)
    messages.success(request, f"Revoked: “{row.name}” ({row.prefix}…) does not work any more.")
    return redirect("tokens")


def _visible(request: HttpRequest) -> Any:
    rows = ApiToken.objects.select_related("owner")
    return rows if policy.role_of(request.user) is policy.Role.ADMIN else rows.filter(owner_id=request.user.pk)


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"form": form, "tokens": _visible(request)[:500], **more}
    return render(request, "registration/tokens.html", context, status=status)
