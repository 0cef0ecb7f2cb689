"""``manage.py mcp``: the MCP server on standard input and output, for an assistant on this machine."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections

from knowledgetree.accounts.acting import WAYS, Way, acting_as
from knowledgetree.accounts.identify import identified
from knowledgetree.accounts.identity import BadToken, CoreSilent, Identity, Via
from knowledgetree.accounts.rights import policy
from tree.mcp.callers import Caller, calling

VARIABLE = "KT_TOKEN"


class Command(BaseCommand):
    help = (
        "Serve AI assistants by MCP on standard input and output. They may do what the token may: that of "
        f"--token-file, or of the environment variable {VARIABLE}; or what a person may, with --as. "
        "A token is never an argument, "
        "because other accounts of this machine can read those."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group()
        who.add_argument("--as", dest="user", metavar="USER", help="act for this person")
        who.add_argument("--token-file", type=Path, metavar="FILE", help="a file that holds an API token")
        parser.add_argument(
            "--url",
            default=f"http://127.0.0.1:{settings.PORT}",
            help="the address of this site, for links (default %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        find = _by_name(options["user"]) if options["user"] else _by_token(_token(options["token_file"]))
        try:
            user, identity = find()
        except (BadToken, CoreSilent) as error:
            raise CommandError(str(error), returncode=2) from error
        from tree.mcp import server

        way = Way.COMMAND if identity.via is Via.SESSION else WAYS[identity.via]
        acting = acting_as(way, identity.name, user.pk, identity.through)
        with acting, calling(_caller(find, options["url"].rstrip("/"))):
            server.with_guidance().run("stdio")


def _token(file: Path | None) -> str:
    if file is None:
        token = os.environ.pop(VARIABLE, "")
        if not token:
            raise CommandError(f"Say who acts: --as USER, --token-file FILE, or {VARIABLE}.", returncode=2)
        return token.strip()
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}", returncode=2) from error


Find = Callable[[], tuple[Any, Identity]]


def _by_token(token: str) -> Find:
    """Looks the token up for each call, so that one that is revoked ends here, too."""
    return lambda: identified(token)


def _by_name(name: str) -> Find:
    def find() -> tuple[Any, Identity]:
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None or policy.role_of(user) not in policy.READERS:
            raise BadToken(f"There is no user {name!r} who may read the tree.")
        return user, Identity(name, Via.SESSION)

    return find


def _caller(find: Find, site: str) -> Callable[[], Caller]:
    def present() -> Caller:
        close_old_connections()
        user, identity = find()
        policy.limit(user, identity.scopes, identity.companies)
        return Caller(user, identity, site)

    return present
