"""Who calls a tool: a person, a program with an API token, or a service; and what it may do."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from knowledgetree.accounts.identity import Identity
from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.rights.reader import Reader
from knowledgetree.basics.rights.scopes import ALL_SCOPES, Scope
from tree.api.compliance import Disclosure, levels_of, withheld_by
from tree.api.v1.records import PageAddresses
from tree.graph.values import Crumb, Row


@dataclass(frozen=True)
class Caller:
    """``site``: the address of this site without a slash at its end."""

    user: Any
    identity: Identity
    site: str

    @cached_property
    def reader(self) -> Reader:
        return reader_of(self.user)

    @property
    def scopes(self) -> frozenset[Scope]:
        return ALL_SCOPES if self.identity.is_person_at_a_page else self.identity.scopes

    @property
    def may_propose(self) -> bool:
        """Whether it may write notes itself, and so may propose them."""
        return policy.may_write(self.user) and Scope.WRITE in self.scopes

    @cached_property
    def withheld(self) -> list[str]:
        """What there may be that it is not told of, in words."""
        reader = self.reader
        limits = {"tickets": not reader.tickets, "other companies": reader.companies is not None}
        by_level = (
            f"{', '.join(sorted(parts)).replace('_', ' ')} of companies of the level {level}"
            for level, parts in withheld_by(self.identity.via).items()
            if parts
        )
        return [*(words for words, is_withheld in limits.items() if is_withheld), *by_level]

    def disclosure(self, nodes: Iterable[Crumb | Row]) -> Disclosure:
        """What it may be told of these nodes; the companies on the ways to them must be among them."""
        return Disclosure(levels_of(nodes), withheld_by(self.identity.via))

    @cached_property
    def page(self) -> PageAddresses:
        return PageAddresses(self.address)

    def address(self, path: str) -> str:
        """The whole address of a path of this site."""
        return f"{self.site}{path}"


_present: ContextVar[Callable[[], Caller]] = ContextVar("mcp_caller")


def caller() -> Caller:
    """Who makes the present call. Raises BadToken, CoreSilent if its token is no longer good."""
    return _present.get()()


@contextmanager
def calling(present: Callable[[], Caller]) -> Iterator[None]:
    """Let this caller make the calls of a while. It is asked anew for each call."""
    token = _present.set(present)
    try:
        yield
    finally:
        _present.reset(token)
