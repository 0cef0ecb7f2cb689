"""The kinds of node in the Django admin: to look at what exactly is stored."""

from typing import Any

from django.contrib import admin
from django.urls import reverse

from tree.graphadmin import NodeAdmin
from tree.models import Asset, Company, Folder, Note, Ticket, User


class _KindAdmin(NodeAdmin):
    def view_on_site(self, obj: Any) -> str:
        return reverse("node", args=[obj.uid])


class CompanyAdmin(_KindAdmin):
    list_display = ("name", "account_number", "compliance_level", "support_level", "archived_at", "updated_at")


class UserAdmin(_KindAdmin):
    list_display = ("name", "email", "account_number", "active", "archived_at", "updated_at")


class AssetAdmin(_KindAdmin):
    list_display = ("name", "operating_system", "int_ip_address", "account_number", "archived_at", "updated_at")


class TicketAdmin(_KindAdmin):
    list_display = ("name", "subject", "status", "account_number", "last_updated_at", "archived_at")


for _model, _admin in (
    (Folder, _KindAdmin),
    (Company, CompanyAdmin),
    (User, UserAdmin),
    (Asset, AssetAdmin),
    (Ticket, TicketAdmin),
    (Note, _KindAdmin),
):
    admin.site.register([_model], _admin)
