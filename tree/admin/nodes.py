"""The Django admin of nodes, read-only, which shows exactly what is stored; and of note templates."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from tree.admin.graph_admin import NodeAdmin
from tree.kinds import NODE_CLASSES
from tree.models import TEMPLATE_HELP, Guidance, NoteTemplate

_GUIDANCE_HELP = (
    "Every assistant that connects reads this: house rules, where runbooks are kept, what to leave alone. "
    "No secrets: whoever has a token can read it."
)


@admin.register(NoteTemplate)
class NoteTemplateAdmin(ModelAdmin):
    """The admin of note templates."""

    list_display = ("name", "kind", "changed_at")
    list_filter = ("kind",)
    search_fields = ("name", "text")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, help_texts={"text": TEMPLATE_HELP}, **kwargs)


@admin.register(Guidance)
class GuidanceAdmin(ModelAdmin):
    """The admin of what every assistant is told: one text, which is never deleted but emptied."""

    list_display = ("__str__", "changed_at")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, help_texts={"text": _GUIDANCE_HELP}, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Guidance.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


for _node_class in NODE_CLASSES:
    admin.site.register([_node_class], NodeAdmin)
