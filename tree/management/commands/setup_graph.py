"""``manage.py setup_graph``: creates the graph's schema and runs its migrations."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tree.exceptions import GraphUnavailable
from tree.graph import schema

TOLD_EVERY = 10_000


class Command(BaseCommand):
    help = (
        "Create whatever the graph needs: constraints, indexes, search indexes, the root and the folder Companies; and "
        "migrate data of older versions. Safe to repeat; run it after every update, like migrate."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            migrated = schema.set_up(self._told)
        except GraphUnavailable as error:
            raise CommandError(str(error)) from error
        for name in migrated:
            self.stdout.write(f"Migrated: {name}")
        self.stdout.write("The graph is set up.")

    def _told(self, nodes: int) -> None:
        """Say how far a long migration is, every so many nodes."""
        if nodes % TOLD_EVERY == 0:
            self.stdout.write(f"{nodes:,} nodes …")
