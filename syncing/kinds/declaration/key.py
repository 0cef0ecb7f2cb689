"""Builds and parses keys, which identify synced nodes regardless of their name and place in the tree.

    company:<account>         company:<account>:users, :assets, … its folders
    user:<account>:<id>       user:<account>:<id>:contact, :tickets   a person's card, and the folder of their tickets
    asset:<id>, ticket:<id>, …

The account number is percent-encoded, so that it contains no colon.
"""

from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import quote, unquote

COMPANY, USER = "company", "user"
_WITH_ACCOUNT = {COMPANY: 0, USER: 1}  # family: how many ids follow the account number


class Key(NamedTuple):
    """The parts of a key. ``account`` is empty if ids are unique across companies; ``id`` is empty for a company."""

    family: str
    account: str
    id: str
    part: str = ""

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Parse a key as it is stored in the graph."""
        family, _, rest = text.partition(":")
        account = ""
        if family in _WITH_ACCOUNT:
            account, _, rest = rest.partition(":")
        if family == COMPANY:
            return cls(family, unquote(account), "", rest)
        codex_id, _, part = rest.partition(":")
        return cls(family, unquote(account), codex_id, part)

    @property
    def codex_id(self) -> str:
        """The record's id in Codex; for a company, its account number."""
        return self.id or self.account


def is_of_a_company_itself(key: str) -> bool:
    """Whether this is the key of a company or of one of its folders."""
    return key.startswith(f"{COMPANY}:")


@lru_cache(maxsize=1024)
def company_key(account: str) -> str:
    return f"{COMPANY}:{quote(account, safe='')}"


@lru_cache(maxsize=1024)
def _user_prefix(account: str) -> str:
    return f"{USER}:{quote(account, safe='')}:"


def user_key(account: str, contact_id: object) -> str:
    return f"{_user_prefix(account)}{contact_id}"


def part_of(key: str, part: str) -> str:
    """The key of a node that belongs to the record of ``key`` and has no record of its own."""
    return f"{key}:{part}"


def uid_of(key: str) -> str:
    """The id of a new node with this key. It is always the same, so that a repeated sync yields an equal graph."""
    return blake2b(key.encode(), digest_size=12).hexdigest()
