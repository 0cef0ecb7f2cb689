"""``manage.py clear_neo4j``: refuses, because django-neomodel's command would delete the graph without asking."""

from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Refuses: the graph holds what staff wrote. See docs/troubleshooting.md for a clean slate."

    def handle(self, *args: Any, **options: Any) -> NoReturn:
        raise CommandError(
            "Not done: this would delete all that staff wrote, too. For a clean slate see docs/troubleshooting.md; "
            "`manage.py neo4j backup FILE` first."
        )
