"""Password confirmation for sensitive actions, so that nobody can take them on a screen that was left open."""

import time
from datetime import timedelta
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

FRESH_FOR = timedelta(minutes=15)
ENTERED_AT = "password_entered_at"


def note_login(request: HttpRequest, **_: Any) -> None:
    """Record the time of the login in the session. Receiver of the signal ``user_logged_in``."""
    request.session[ENTERED_AT] = time.time()


def is_fresh(request: HttpRequest) -> bool:
    """Whether the password was entered in this session within FRESH_FOR."""
    age = time.time() - float(request.session.get(ENTERED_AT, 0))
    return 0 <= age <= FRESH_FOR.total_seconds()


def ask_again(back: str) -> HttpResponse:
    """Redirect to the page that asks for the password and then continues at the URL ``back``."""
    return redirect(f"{reverse('password_confirm')}?{urlencode({'next': back})}")


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
