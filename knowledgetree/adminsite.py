"""The site of the Django admin, open to the role admin and with the pages of this application for passwords."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from unfold.sites import UnfoldAdminSite

from knowledgetree.accounts.rights import policy

MENU_NAMES = {model: name for entries in settings.ADMIN_MENU.values() for name, (_, model) in entries.items()}


class KnowledgeTreeAdminSite(UnfoldAdminSite):
    """An admin site that is open to the group ``admin`` and to superusers, whatever their ``is_staff``."""

    index_title = "Administration"

    def has_permission(self, request: HttpRequest) -> bool:
        return policy.role_of(request.user) is policy.Role.ADMIN

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Every page of the Django admin, with our titles and the content security policy that unfold needs."""

        @wraps(view)
        def titled(*args: Any, **kwargs: Any) -> Any:
            response = view(*args, **kwargs)
            if isinstance(response, TemplateResponse) and response.context_data:
                response.context_data.update(_title(response.context_data))
            return response

        return csp_update(settings.ADMIN_CONTENT_SECURITY_POLICY)(super().admin_view(titled, cacheable))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """The lists in the sections of the menu, under its names; those of one app as Django has them."""
        apps = super().get_app_list(request, app_label)
        if app_label:
            return apps
        models = {
            f"{app['app_label']}_{model['object_name'].lower()}": model for app in apps for model in app["models"]
        }
        return [
            {
                "name": section,
                "app_label": section.lower(),
                "app_url": "",
                "has_module_perms": True,
                "models": [models[key] | {"name": name} for name, (_, key) in entries.items() if key in models],
            }
            for section, entries in settings.ADMIN_MENU.items()
        ]

    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        return redirect("login")

    def password_change(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        return redirect("password_change")


def _title(context: dict[str, Any]) -> dict[str, str]:
    """A title as the menu says it, in place of ones like “Select user to change”; nothing where Django's is good."""
    opts = context.get("opts")
    name = MENU_NAMES.get(f"{opts.app_label}_{opts.model_name}") if opts else None
    if "cl" in context and name:
        return {"title": name}
    if context.get("original") is not None and "adminform" in context:
        return {"title": str(context["original"]), "subtitle": ""}
    if context.get("add") and opts:
        return {"title": f"New {opts.verbose_name}"}
    return {}
