"""What somebody may read, as the queries of the tree ask it."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any


@dataclass(frozen=True)
class Reader:
    """``tickets``: whether tickets may be read. ``companies``: the account numbers of those that may be; None for all.

    What a reader may not read is as if it did not exist. ``accounts.rights.reader_of`` says which reader a request
    is. ``found_readable``: nodes that it was found to be allowed to read, so that one request asks once.
    """

    tickets: bool = True
    companies: frozenset[str] | None = None
    found_readable: set[str] = field(default_factory=set, init=False, repr=False, compare=False)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the conditions in ``tree.queries.columns``."""
        return {"tickets": self.tickets, "companies": None if self.companies is None else sorted(self.companies)}

    @property
    def key(self) -> str:
        """A short text by which caches tell readers apart."""
        return blake2b(repr(self.parameters).encode(), digest_size=12).hexdigest()


EVERYTHING = Reader()
