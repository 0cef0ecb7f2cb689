"""The site of the Django admin: open to the role admin, with our own login page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.sites import UnfoldAdminSite

from knowledgetree.accounts import policy


class KnowledgeTreeAdminSite(UnfoldAdminSite):
    """``is_staff`` does not count; the group ``admin`` and superusers do."""

    def has_permission(self, request: HttpRequest) -> bool:
        return policy.role_of(request.user) is policy.Role.ADMIN

    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        return redirect("login")
