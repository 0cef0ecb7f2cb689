"""``manage.py create_token USER --scope SCOPE…``: makes an API token and prints it, alone, on stdout."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from knowledgetree.access.companies import UnknownCompany, accounts_of
from knowledgetree.accounts import api_tokens
from knowledgetree.accounts.rights import policy
from knowledgetree.basics.rights.scopes import WHAT_SCOPES_ALLOW, Scope
from tree.exceptions import GraphUnavailable


class Command(BaseCommand):
    help = (
        "Make an API token for a program that acts for USER, and print it. It is shown this once. A token may never do "
        "more than its owner may at that moment. Scopes: "
        + "; ".join(f"{scope} ({what})" for scope, what in WHAT_SCOPES_ALLOW.items())
        + "."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", metavar="USER", help="the name that its owner logs in with")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=[scope.value for scope in Scope],
            help="what it may do; may come several times",
        )
        parser.add_argument("--name", default="made by command", help="what it is for, as the list of tokens shows it")
        parser.add_argument(
            "--company",
            action="append",
            default=[],
            metavar="ACCT",
            help="account number or name of a company that it is for, and no others; may be repeated; default: all",
        )
        parser.add_argument("--days", type=int, metavar="N", help="it expires after N days; default: never")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(username=options["user"], is_active=True).first()
        if owner is None:
            raise CommandError(f"There is no open account {options['user']!r}. Administration → Users lists them.")
        _require_rights(owner)
        days = options["days"]
        if days is not None and not 1 <= days <= api_tokens.MOST_DAYS:
            raise CommandError(f"--days is {days}; write a number from 1 to {api_tokens.MOST_DAYS}.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        scopes = {Scope(one) for one in options["scope"]}
        companies = _known(options["company"])
        _, text = api_tokens.make(owner, options["name"][:100], scopes, expires_at, companies=companies)
        self.stdout.write(text)


def _require_rights(owner: User) -> None:
    """Refuse a person for whom the token would do nothing."""
    role, may = policy.role_of(owner), policy.ROUTES["token-make"]
    if role not in may:
        of = "no group" if role is policy.Role.NONE else f"the group {role.value}"
        groups = ", ".join(group for group in policy.GROUPS if policy.Role(group) in may)
        raise CommandError(
            f"{owner.get_username()!r} is in {of}, whose API tokens would open nothing. Owners are in one of: {groups}."
        )


def _known(typed: list[str]) -> list[str]:
    """The account numbers of these companies, which the tree must have."""
    try:
        return accounts_of(typed)
    except (UnknownCompany, GraphUnavailable) as error:
        raise CommandError(str(error)) from error
