"""The way to the provider, and back from it."""

import re
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

from knowledgetree.accounts.login.fresh_login import ENTERED_AT, FRESH_FOR, THROUGH_OPENID
from knowledgetree.accounts.signals import openid_refused
from knowledgetree.accounts.sso.openid.configured import SKEW_SECONDS, SignInRefused, configured, setting

SESSION_LASTS = timedelta(hours=12)  # after which the provider is asked again who somebody is, and what they may do
BEGUN_SECONDS = 15 * 60  # in which somebody has to come back from the provider
_STATES, _NEXT, _FRESH = "oidc_states", "oidc_login_next", "fresh"
_BACKEND = "knowledgetree.accounts.backends.RoleBackend"
_ERROR = re.compile(r"[a-z_]{1,40}")


class _ToTheProvider(OIDCAuthenticationRequestView):
    get_settings = staticmethod(setting)

    def get_extra_params(self, request: HttpRequest) -> dict[str, str]:
        """``fresh`` asks the provider to let the person enter the password, even if they are signed in there."""
        return {"prompt": "login", "max_age": "0"} if _FRESH in request.GET else {}


@require_safe
@never_cache
def begin(request: HttpRequest) -> HttpResponseBase:
    """Redirect to the provider. ``next``: where to go afterwards; ``fresh``: the password is to be entered there."""
    configured()
    response: HttpResponseBase = _ToTheProvider.as_view()(request)
    if _FRESH in request.GET:
        state = parse_qs(urlsplit(response.headers["Location"]).query)["state"][0]
        request.session[_STATES][state][_FRESH] = True
        request.session.modified = True
    return response


@require_safe
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    """Sign the person in who comes back from the provider, or say why not."""
    from knowledgetree.accounts.sso.openid.provider import Provider  # it imports all of cryptography

    configured()
    try:
        begun = _begun(request)
        provider = Provider()
        user = provider.authenticate(request, nonce=begun["nonce"], code_verifier=begun["code_verifier"])
        entered_at = _entered_at(provider.claims)
        if begun.get(_FRESH) and time.time() - entered_at > FRESH_FOR.total_seconds():
            raise SignInRefused(
                f"{configured().name} does not say that you entered your password just now (auth_time)."
            )
    except SignInRefused as error:
        openid_refused.send(sender=Provider, request=request, why=str(error))
        context = {"why": str(error), "name": configured().name}
        return render(request, "registration/openid_refused.html", context, status=error.status)
    next_url = request.session.get(_NEXT) or resolve_url(settings.LOGIN_REDIRECT_URL)
    auth.login(request, user, backend=_BACKEND)
    request.session[ENTERED_AT] = entered_at
    request.session[THROUGH_OPENID] = True
    request.session.set_expiry(timezone.now() + SESSION_LASTS)  # seconds would count from each use anew
    return redirect(next_url)


def _begun(request: HttpRequest) -> dict[str, Any]:
    """What was kept when this browser was sent to the provider; it counts once. Raises SignInRefused."""
    states = request.session.get(_STATES)
    begun = states.pop(request.GET.get("state", ""), None) if isinstance(states, dict) else None
    if begun is not None:
        request.session.modified = True
        request.session.save()  # before the provider is asked, so that another request cannot use it meanwhile
    if begun is None or not 0 <= time.time() - begun["added_on"] <= BEGUN_SECONDS:
        raise SignInRefused("This sign-in was not begun in this browser, or too long ago.", 400)
    if error := request.GET.get("error"):
        told = error if _ERROR.fullmatch(error) else "an error"
        raise SignInRefused(f"{configured().name} did not sign you in: {told}.")
    if not request.GET.get("code"):
        raise SignInRefused(f"{configured().name} sent you back without a code.", 400)
    return dict(begun)


def _entered_at(claims: dict[str, Any]) -> float:
    """When the person proved to the provider who they are; 0 if it does not say, so that nothing counts as fresh."""
    told, now = claims.get("auth_time"), time.time()
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told <= now + SKEW_SECONDS:
        return 0.0
    return min(float(told), now)
