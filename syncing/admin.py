"""Runs and refused records in the Django admin. What a run did is a record: nobody edits it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from unfold.admin import ModelAdmin

from syncing.models import RefusedRecord, SyncRun


class _Record(ModelAdmin):
    actions = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SyncRun)
class SyncRunAdmin(_Record):
    list_display = ("id", "command", "status", "dry_run", "trigger", "started_by", "created_at", "finished_at")
    list_filter = ("command", "status", "trigger", "dry_run")
    date_hierarchy = "created_at"

    def view_on_site(self, obj: SyncRun) -> str:
        return reverse("sync-run", args=[obj.pk])


@admin.register(RefusedRecord)
class RefusedRecordAdmin(_Record):
    list_display = ("id", "run", "kind", "account", "codex_id", "is_notice", "reason")
    list_filter = ("kind", "is_notice")
    search_fields = ("account", "codex_id", "reason")
