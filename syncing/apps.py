"""Configures the Django app ``syncing``."""

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate

from tree import commands, slots
from tree.slots import Slot


def make_minute(using: str, **_: Any) -> None:
    """Install the job of every minute, even without schedules, because it also looks after lost and dead runs."""
    from syncing.schedules.due import install_minute

    if "django_q_schedule" in connections[using].introspection.table_names():
        install_minute()


_IN_THE_TREES_PAGES = {
    Slot.HOME_STATE: "_home_state.html",
    Slot.HOME_NEEDS: "_home_needs.html",
    Slot.HOME_EMPTY: "_home_empty.html",
    Slot.NO_COMPANIES: "_no_companies.html",
    Slot.NODE_BADGES: "_paused_badge.html",
    Slot.NODE_FACTS: "_company.html",
    Slot.NODE_RECENT: "_recent.html",
    Slot.NODE_LINKS: "_changes_link.html",
}


class SyncingConfig(AppConfig):
    name = "syncing"
    verbose_name = "Sync"

    def ready(self) -> None:
        from django_q.signals import post_execute, post_execute_in_worker, post_spawn, pre_execute

        from syncing.runs import clusters
        from syncing.runs.workers import begin_beating

        post_migrate.connect(make_minute, sender=apps.get_app_config("django_q"))
        post_spawn.connect(begin_beating)
        pre_execute.connect(clusters.note_begin)
        post_execute_in_worker.connect(clusters.note_end)
        post_execute.connect(clusters.note_proof)
        post_execute.connect(clusters.note_failure)
        commands.add(commands.Command("Syncs", "sync", leads="sync", more="codex runs freshness"))
        for slot, template in _IN_THE_TREES_PAGES.items():
            slots.fill(slot, f"syncing/{template}")
