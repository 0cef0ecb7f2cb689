"""Password confirmation for sensitive actions, so that nobody can take them on a screen that was left open.

``policy.FRESH`` says which routes need it, and ``PolicyMiddleware`` asks for it.
"""

import time
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import ResolverMatch, get_script_prefix, resolve, reverse
from django.utils.http import urlencode

from knowledgetree.accounts.identify import identity_of
from knowledgetree.accounts.identity import Via
from knowledgetree.accounts.login import kept_forms
from knowledgetree.accounts.rights import policy

FRESH_FOR = timedelta(minutes=15)
TIME_FOR_A_FORM = timedelta(minutes=5)  # a form whose login gets too old meanwhile has to be sent again
ENTERED_AT = "password_entered_at"
THROUGH_OPENID = "through_openid"  # in the sessions of people who signed in at the OpenID provider
_REFUSED = "refused"


def note_login(request: HttpRequest, **_: Any) -> None:
    """Record the time of the login in the session. Receiver of the signal ``user_logged_in``."""
    request.session[ENTERED_AT] = time.time()


def is_fresh(request: HttpRequest, left: timedelta = timedelta()) -> bool:
    """Whether the person logged in within FRESH_FOR, and still will have after ``left``.

    The maker of an API token did so when they chose its scopes, so that it needs no more than these.
    """
    identity = identity_of(request)
    if not identity.is_person_at_a_page:
        return True
    logged_in_at = identity.signed_in_at or float(request.session.get(ENTERED_AT, 0))
    age = time.time() - logged_in_at
    return 0 <= age <= (FRESH_FOR - left).total_seconds()


def is_missing(request: HttpRequest, match: ResolverMatch) -> bool:
    """Whether this route needs a fresh login that is not there. Pages want TIME_FOR_A_FORM to be left of it."""
    method = request.method or ""
    left = TIME_FOR_A_FORM if method in policy.READING else timedelta()
    return policy.needs_fresh_login(match, method) and not is_fresh(request, left)


def ask_for(request: HttpRequest, match: ResolverMatch) -> HttpResponse:
    """Redirect to the page that asks for the password, and then to the page that leads to this route."""
    back = "" if match.namespaces else policy.FRESH[match.url_name or ""]
    page = reverse(back, kwargs=match.kwargs) if back else request.get_full_path()
    is_refused = request.method not in policy.READING
    if is_refused and identity_of(request).via is not Via.CORE:  # those of Core have no session
        kept_forms.keep(request, match.view_name)
    return ask_again(request, page, is_refused=is_refused)


def ask_again(request: HttpRequest, back: str, *, is_refused: bool = False) -> HttpResponse:
    """Redirect to the page that asks for the password and then continues at the URL ``back``.

    ``is_refused``: a form was sent. The page ``back`` then says that nothing was done with it. People of Core, which
    alone knows their password, get a page that sends them there; people of the OpenID provider are sent to it at once.
    """
    if identity_of(request).via is Via.CORE:
        return render(request, "registration/core_login.html", status=403)
    if request.session.get(THROUGH_OPENID):
        if is_refused:
            messages.warning(request, "Nothing was done yet. Please do it once more.")
        return redirect(f"{reverse('openid-login')}?{urlencode({'next': back, 'fresh': '1'})}")
    query = {"next": back, **({_REFUSED: "1"} if is_refused else {})}
    return redirect(f"{reverse('password_confirm')}?{urlencode(query)}")


class _PasswordForm(AuthenticationForm):
    """A form for the password alone, of the user who is logged in."""

    def __init__(self, request: HttpRequest, *, data: Any = None, **kwargs: Any) -> None:
        if data is not None:
            data = {"username": request.user.get_username(), "password": data.get("password", "")}
        super().__init__(request, data=data, **kwargs)


class ConfirmPasswordView(LoginView):
    """Asks the logged-in user for the password again, then redirects to ``next``, on this site only."""

    authentication_form = _PasswordForm
    template_name = "registration/password_confirm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {
            "without": _page_without_password(self.get_redirect_url()),
            "refused": self.request.GET.get(_REFUSED, self.request.POST.get(_REFUSED, "")),
        }
        return super().get_context_data(**kwargs, **more)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        if self.request.POST.get(_REFUSED):
            messages.warning(self.request, "Nothing was done yet, but now you can. Please do it once more.")
        return super().form_valid(form)


def _page_without_password(wanted: str) -> str:
    """The page for somebody who does not want to enter the password: the wanted one if it does not ask for it again."""
    try:
        match = resolve("/" + wanted.partition("?")[0].removeprefix(get_script_prefix()))
    except Http404:
        return reverse("home")
    return reverse("home") if policy.needs_fresh_login(match, "GET") else wanted
