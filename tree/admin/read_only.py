"""The base of read-only lists in the Django admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from tree.templatetags.shown import when


class ReadOnlyAdmin(ModelAdmin):
    """An admin in which nobody can add, change or delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def time_column(name: str, title: str) -> Any:
    """A column for a datetime or ISO 8601 string, displayed as on the pages: relative, the exact time on hover."""

    @admin.display(description=title, ordering=name, empty_value="")
    def column(row: Any) -> SafeString:
        return when(getattr(row, name))

    column.__name__ = name  # django names the column of the list after it
    return column
