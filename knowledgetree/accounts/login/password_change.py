"""The page on which people change their password; wrong old ones count as wrong passwords."""

from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest


class _Form(PasswordChangeForm):
    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        name = self.user.get_username()
        if authenticate(self._request, username=name, password=old) is None:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        AxesProxyHandler.get_implementation().forget(self._request, name)
        return old


class ChangePasswordView(PasswordChangeView):
    """Changes the password of the logged-in user."""

    form_class = _Form

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"request": self.request, **super().get_form_kwargs()}
