"""The site of the Django admin, open to the role admin and with the pages of this application for passwords."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.sites import UnfoldAdminSite

from knowledgetree.accounts import policy


class KnowledgeTreeAdminSite(UnfoldAdminSite):
    """An admin site that is open to the group ``admin`` and to superusers, whatever their ``is_staff``."""

    def has_permission(self, request: HttpRequest) -> bool:
        return policy.role_of(request.user) is policy.Role.ADMIN

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Every page of the Django admin, with the content security policy that unfold needs."""
        return csp_update(settings.ADMIN_CONTENT_SECURITY_POLICY)(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        return redirect("login")

    def password_change(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        return redirect("password_change")
