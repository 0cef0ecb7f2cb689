"""Companies as people write them, by account number or by name."""

from collections.abc import Iterable

from tree import queries
from tree.graph.values import Client
from tree.queries.clients import clients_named

_NAMED = 4  # companies that are named as those that may be meant


class UnknownCompany(ValueError):
    """What was written names no company, or several. The text says so."""


def account_of(typed: str) -> str:
    """The account number of the company with this number or name. Raises UnknownCompany, GraphUnavailable."""
    known = queries.clients_of([typed.strip()])
    if known:
        return next(iter(known))
    named = [client for client in clients_named(typed) if client.account]
    if len(named) == 1:
        return named[0].account
    if not named:
        raise UnknownCompany(f"No company has the account number or the name “{typed.strip()}”.")
    several = ", ".join(
        f"{client.name} ({client.account})" for client in sorted(named, key=lambda client: client.name)[:_NAMED]
    )
    raise UnknownCompany(f"“{typed.strip()}” may be several companies: {several}. Write the account number.")


def accounts_of(lines: Iterable[str]) -> list[str]:
    """The account numbers of these companies, without empty lines. Raises UnknownCompany, GraphUnavailable."""
    return list(dict.fromkeys(account_of(line) for line in lines if line.strip()))


def named(accounts: Iterable[str]) -> list[Client]:
    """The companies with these account numbers, by name; one that is not there is called by its number."""
    wanted = sorted(set(accounts))
    known = queries.clients_of(wanted) if wanted else {}
    return sorted(
        (known.get(account) or Client("", account, account) for account in wanted),
        key=lambda client: client.name.casefold(),
    )
