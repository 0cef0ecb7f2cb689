"""``manage.py install_labels``: refuses, because django-neomodel's command would duplicate indexes for every kind."""

from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Refuses: `manage.py setup_graph` makes the constraints and indexes of this graph."

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError("Not done: use `manage.py setup_graph`, which makes what this graph needs.")
