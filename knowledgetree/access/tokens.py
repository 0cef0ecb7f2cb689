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

from knowledgetree.access.companies import UnknownCompany, accounts_of, named
from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.login import kept_forms, shown_once
from knowledgetree.accounts.login.shown_once import Shown
from knowledgetree.accounts.models import ApiToken
from knowledgetree.accounts.rights import policy
from knowledgetree.basics.rights.scopes import WHAT_SCOPES_ALLOW, Scope
from tree.exceptions import GraphUnavailable

MOST_COMPANIES = 200  # of a token; a search asks for each of them
_LIVES = ((30, "in 30 days"), (90, "in 90 days"), (365, "in a year"), (0, "never"))


class TokenForm(forms.Form):
    """What a new token is for, what it may do and for how long."""

    name = forms.CharField(max_length=100, label="What it is for")
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, f"{scope.value}: {what}") for scope, what in WHAT_SCOPES_ALLOW.items()],
        widget=forms.CheckboxSelectMultiple,
        label="What it may do",
        error_messages={"required": "Choose at least one."},
    )
    companies = forms.CharField(
        required=False,
        max_length=20_000,
        label="Only these companies",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 40, "spellcheck": "false"}),
        help_text="Account numbers or names, one a line. Leave it empty for all companies.",
    )
    days = forms.TypedChoiceField(choices=_LIVES, coerce=int, initial=90, label="Expires")

    def clean_companies(self) -> list[str]:
        """Their account numbers."""
        lines = str(self.cleaned_data["companies"]).splitlines()
        if len(lines) > MOST_COMPANIES:
            raise forms.ValidationError(f"A token can be limited to at most {MOST_COMPANIES} companies.")
        try:
            return accounts_of(lines)
        except UnknownCompany as error:
            raise forms.ValidationError(str(error)) from error


@never_cache
@require_safe
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens of this person, for admins those of all, and the form for a new one. A token just made is shown."""
    at_first = {"scopes": [Scope.READ.value]}
    form = TokenForm(initial=at_first | kept_forms.take(request, "token-make", TokenForm))
    return _page(request, form, made=shown_once.take(request, "tokens"))


@never_cache
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a token; the list of tokens then shows it once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    days = form.cleaned_data["days"]
    expires_at = timezone.now() + timedelta(days=days) if days else None
    scopes = {Scope(value) for value in form.cleaned_data["scopes"]}
    maker: Any = request.user
    row, text = api_tokens.make(
        maker, form.cleaned_data["name"], scopes, expires_at, companies=form.cleaned_data["companies"]
    )
    shown_once.keep(request, "tokens", Shown(row.name, text))
    return redirect("tokens")


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
    rows = list(_visible(request)[:500])
    context = {"form": form, "tokens": list(zip(rows, _companies(rows), strict=True)), **more}
    return render(request, "registration/tokens.html", context, status=status)


def _companies(rows: list[ApiToken]) -> list[list[str]]:
    """The names of the companies of each token; the numbers while the graph cannot be read."""
    accounts = {str(account) for row in rows for account in row.companies}
    try:
        names = {client.account: f"{client.name} ({client.account})" for client in named(accounts)}
    except GraphUnavailable:
        names = {}
    return [[names.get(str(account), str(account)) for account in row.companies] for row in rows]
