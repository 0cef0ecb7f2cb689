"""The site of the Django admin, open to the role admin and with the pages of this application for passwords."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.sites import UnfoldAdminSite

from knowledgetree.accounts import policy


class KnowledgeTreeAdminSite(UnfoldAdminSite):
    """An admin site that is open to the group ``admin`` and to superusers, whatever their ``is_staff``."""

    def has_permission(self, request: HttpRequest) -> bool:
        return policy.role_of(request.user) is policy.Role.ADMIN

    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        return redirect("login")

    def password_change(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        return redirect("password_change")
