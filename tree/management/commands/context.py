"""``manage.py context``: prints what an assistant needs to know about a node."""

import json
import sys
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree.context.pack import DEFAULT_BUDGET, LEAST_BUDGET, MOST_BUDGET, build
from tree.context.targets import find_target
from tree.exceptions import GraphUnavailable, NodeNotFound


class Command(BaseCommand):
    help = (
        "Print the context of a node for an AI assistant: rules and warnings, the node, the people and computers "
        "concerned, notes, open tickets, and how similar tickets ended, within a number of tokens. The pack alone goes "
        "to stdout, so it can be piped. Same graph, same pack."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "nodes", nargs="+", metavar="NODE", help='an id, a path, the address of a page, or "#" and a ticket number'
        )
        parser.add_argument(
            "--budget",
            type=int,
            default=DEFAULT_BUDGET,
            metavar="N",
            help=f"the most tokens, from {LEAST_BUDGET:,} to {MOST_BUDGET:,} (default {DEFAULT_BUDGET:,})",
        )
        parser.add_argument(
            "--format", choices=("md", "json"), default="md", help="json has the manifest too: what is in, what is not"
        )
        parser.add_argument("--as", dest="user", metavar="USER", help="only what this person may read")

    def handle(self, *args: Any, **options: Any) -> None:
        reader = _reader(options["user"])
        try:
            ids = [find_target(named, reader) for named in options["nodes"]]
            pack = build(ids, reader, budget=options["budget"])
        except (NodeNotFound, ValueError) as error:
            raise CommandError(str(error), returncode=2) from error
        except GraphUnavailable as error:
            raise CommandError(str(error)) from error
        if options["format"] == "json":
            told = {"text": pack.text, "manifest": pack.manifest()}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self.stdout.write(pack.text, ending="")
            if sys.stderr.isatty():
                left = sum(not line.is_in for line in pack.lines)
                self.stderr.write(f"{pack.tokens:,} of {pack.budget:,} tokens; {left:,} left out.")


def _reader(name: str | None) -> Reader:
    if name is None:
        return EVERYTHING
    user = User.objects.filter(username=name).first()
    if user is None or policy.role_of(user) not in policy.ROUTES["node-context"]:
        raise CommandError(f"There is no user {name!r} who may read contexts.", returncode=2)
    return reader_of(user)
