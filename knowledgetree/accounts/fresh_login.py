"""Some decisions ask for a password that was entered lately, so that a screen left open decides nothing."""

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
    """For the signal ``user_logged_in``."""
    request.session[ENTERED_AT] = time.time()


def is_fresh(request: HttpRequest) -> bool:
    """Whether the password was entered in this session within FRESH_FOR."""
    age = time.time() - float(request.session.get(ENTERED_AT, 0))
    return 0 <= age <= FRESH_FOR.total_seconds()


def ask_again(back: str) -> HttpResponse:
    """To the page that asks for the password and then leads to the address ``back``."""
    return redirect(f"{reverse('password_confirm')}?{urlencode({'next': back})}")


class _PasswordForm(AuthenticationForm):
    """Only the password: the person is the one who is logged in."""

    def __init__(self, request: HttpRequest, *, data: Any = None, **kwargs: Any) -> None:
        if data is not None:
            data = {"username": request.user.get_username(), "password": data.get("password", "")}
        super().__init__(request, data=data, **kwargs)


class ConfirmPasswordView(LoginView):
    """Asks who is logged in for the password once more; ``next`` is where to go then, on this site only."""

    authentication_form = _PasswordForm
    template_name = "registration/password_confirm.html"
