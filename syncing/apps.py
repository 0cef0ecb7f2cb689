"""Codex into the graph."""

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate


def make_minute(using: str, **_: Any) -> None:
    """The tick of the schedules, also for an installation that has none: it looks after lost and dead runs, too."""
    from syncing.schedules.due import install_minute

    if "django_q_schedule" in connections[using].introspection.table_names():
        install_minute()


class SyncingConfig(AppConfig):
    name = "syncing"
    verbose_name = "Sync"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from syncing.runs.workers import begin_beating

        post_migrate.connect(make_minute, sender=apps.get_app_config("django_q"))
        post_spawn.connect(begin_beating)
