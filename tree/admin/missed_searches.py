"""The list of searches that found nothing, for admins: what people look for and nobody has written."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from tree.admin.read_only import ReadOnlyAdmin, time_column
from tree.models import MissedSearch


@admin.register(MissedSearch)
class MissedSearchAdmin(ReadOnlyAdmin):
    list_display = ("again", "times", time_column("searched_at", "last searched"))
    list_display_links = None
    search_fields = ("text",)

    @admin.display(description="text", ordering="text")
    def again(self, row: MissedSearch) -> SafeString:
        return format_html('<a href="{}">{}</a>', f"{reverse('search')}?{urlencode({'q': row.text})}", row.text)

    def has_delete_permission(self, request: HttpRequest, obj: MissedSearch | None = None) -> bool:
        return True
