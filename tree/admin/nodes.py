"""The kinds of node in the Django admin: to look at what exactly is stored."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin

from tree.admin.graph_admin import ARCHIVED, UPDATED, ArchivedFilter, NodeAdmin
from tree.admin.read_only import time_column
from tree.kinds import Asset, Company, Folder, Note, Ticket, User
from tree.models import NoteTemplate
from tree.vocabulary import ORIGINS

_CHANGED = time_column("last_updated_at", "changed in Codex")
TICKET_STATUSES = ("open", "pending", "waiting_customer", "on_hold", "resolved", "closed")


def property_filter(name: str, title: str, choices: dict[str, str], values: dict[str, Any] | None = None) -> Any:
    """A filter by one property. ``choices``: {value in the address: label}; ``values``: what they are in the graph."""

    class PropertyFilter(admin.SimpleListFilter):
        parameter_name = name

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return list(choices.items())

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            chosen = self.value()
            return queryset.filter(**{name: (values or {}).get(chosen, chosen)}) if chosen in choices else queryset

    PropertyFilter.title = title
    return PropertyFilter


def _yes_no(name: str, title: str, yes: str, no: str) -> Any:
    return property_filter(name, title, {"yes": yes, "no": no}, {"yes": True, "no": False})


class _KindAdmin(NodeAdmin):
    list_filter = (ArchivedFilter, property_filter("origin", "origin", ORIGINS))

    def view_on_site(self, obj: Any) -> str:
        return reverse("node", args=[obj.uid])


class CompanyAdmin(_KindAdmin):
    list_display = ("name", "account_number", "compliance_level", "support_level", ARCHIVED, UPDATED)
    list_filter: Any = (ArchivedFilter,)


class UserAdmin(_KindAdmin):
    list_display = ("name", "email", "account_number", "active", ARCHIVED, UPDATED)
    list_filter = (ArchivedFilter, _yes_no("active", "employment", "Active", "Inactive"))


class AssetAdmin(_KindAdmin):
    list_display = ("name", "operating_system", "int_ip_address", "account_number", ARCHIVED, UPDATED)
    list_filter = (ArchivedFilter, _yes_no("online", "network", "Online", "Offline"))


class TicketAdmin(_KindAdmin):
    list_display = ("name", "subject", "status", "account_number", _CHANGED, ARCHIVED)
    list_filter = (
        ArchivedFilter,
        property_filter("status", "status", {status: status.replace("_", " ") for status in TICKET_STATUSES}),
    )


@admin.register(NoteTemplate)
class NoteTemplateAdmin(ModelAdmin):
    """What new notes may begin with."""

    list_display = ("name", "kind", "changed_at")
    list_filter = ("kind",)
    search_fields = ("name", "text")


for _model, _admin in (
    (Folder, _KindAdmin),
    (Company, CompanyAdmin),
    (User, UserAdmin),
    (Asset, AssetAdmin),
    (Ticket, TicketAdmin),
    (Note, _KindAdmin),
):
    admin.site.register([_model], _admin)
