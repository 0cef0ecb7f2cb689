"""``manage.py revoke_token PREFIX``: refuses an API token from now on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.models import ApiToken


class Command(BaseCommand):
    help = "Refuse an API token from now on. PREFIX is its first 11 characters, as the list of tokens shows it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prefix", metavar="PREFIX", help="the beginning of the token, or the whole of it")

    def handle(self, *args: Any, **options: Any) -> None:
        prefix = options["prefix"].strip()[: api_tokens.PREFIX_CHARACTERS]
        rows = list(ApiToken.objects.filter(prefix=prefix, revoked_at=None).select_related("owner"))
        if not rows:
            raise CommandError(f"No API token that works begins with {prefix!r}.")
        for row in rows:
            api_tokens.revoke(row)
            self.stdout.write(f"Revoked: {row.name} of {row.owner}, {row.prefix}…")
