"""``manage.py setup_graph``: creates the graph's schema and runs its migrations."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tree.exceptions import GraphUnavailable
from tree.graph import schema


class Command(BaseCommand):
    help = (
        "Create whatever the graph needs: constraints, indexes, search indexes, the root and the folder Companies; and "
        "migrate data of older versions. Safe to repeat; run it after every update, like migrate."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            migrated = schema.set_up()
        except GraphUnavailable as error:
            raise CommandError(str(error)) from error
        for name in migrated:
            self.stdout.write(f"Migrated: {name}")
        self.stdout.write("The graph is set up.")
