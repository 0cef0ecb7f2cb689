"""Companies as people write them, by account number or by name."""

from collections.abc import Iterable

from tree import queries
from tree.graph.values import Client
from tree.queries.records.clients import clients_named

_NAMED = 4  # companies that are named as those that may be meant


class UnknownCompany(ValueError):
    """What was written names no company, or several. The text says so."""


def account_of(typed: str) -> str:
    """The account number of the company with this number or name. Raises UnknownCompany, GraphUnavailable."""
    return _accounts_of([typed.strip()])[0]


def accounts_of(lines: Iterable[str]) -> list[str]:
    """The account numbers of these companies, without empty lines. Raises UnknownCompany, GraphUnavailable."""
    return list(dict.fromkeys(_accounts_of([line.strip() for line in lines if line.strip()])))


def _accounts_of(typed: list[str]) -> list[str]:
    known = queries.clients_of(typed) if typed else {}
    return [one if one in known else _account_of_name(one) for one in typed]


def _account_of_name(typed: str) -> str:
    found = [client for client in clients_named(typed) if client.account]
    if len(found) == 1:
        return found[0].account
    if not found:
        raise UnknownCompany(f"No company has the account number or the name “{typed}”.")
    several = ", ".join(
        f"{client.name} ({client.account})" for client in sorted(found, key=lambda client: client.name)[:_NAMED]
    )
    raise UnknownCompany(f"“{typed}” may be several companies: {several}. Write the account number.")


def named(accounts: Iterable[str]) -> list[Client]:
    """The companies with these account numbers, by name; one that is not there is called by its number."""
    wanted = sorted(set(accounts))
    known = queries.clients_of(wanted) if wanted else {}
    return sorted(
        (known.get(account) or Client("", account, account) for account in wanted),
        key=lambda client: client.name.casefold(),
    )
