"""Who sends a request: one type for all ways in."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from knowledgetree.accounts.roles import Role
from knowledgetree.basics.rights.scopes import ALL_SCOPES, Scope


class Via(StrEnum):
    """The way in."""

    SESSION = "session"  # a person who logged in on our own page
    CORE = "core"  # a person with a token of Core
    SERVICE = "service"  # another service of the platform
    TOKEN = "token"  # noqa: S105 - the name of a way in: an API token of ours


@dataclass(frozen=True)
class Identity:
    """``name`` is that of the person or service; ``through`` the name of the API token, where there is one.

    ``companies``: the account numbers of those that an API token is for; None for all.
    ``signed_in_at``: when the person proved who they are (Unix seconds), for tokens of Core.
    """

    name: str
    via: Via
    scopes: frozenset[Scope] = ALL_SCOPES
    through: str = ""
    companies: frozenset[str] | None = None
    signed_in_at: float = 0.0

    @property
    def is_person_at_a_page(self) -> bool:
        """Whether all routes of their role are open, and not only those that have a scope."""
        return self.via in (Via.SESSION, Via.CORE)


class CallingService:
    """Takes the place of ``request.user`` for a service of the platform, which has no account."""

    is_authenticated, is_active = True, True
    is_anonymous = is_staff = is_superuser = False
    pk = id = None

    def __init__(self, name: str) -> None:
        self.username = f"service {name}"
        self._policy_role = Role.TECHNICIAN  # but never more than its scopes

    def get_username(self) -> str:
        return self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False

    def __str__(self) -> str:
        return self.username


class BadToken(Exception):
    """The token of this request is refused. The text says why, and nothing else about it."""


class CoreSilent(Exception):
    """Core does not answer, and without it nobody can say whether this token is good."""
