"""Parameters that several tools have, as their schemas describe them."""

from typing import Annotated

from pydantic import Field

from knowledgetree.basics.address_forms import whole_number
from tree.mcp.calls import Wrong

MOST_SKIPPED = 100_000_000
Named = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        description="A node: its id, its path (/Companies/Acme/Users), the URL of its page, or # and a ticket number.",
    ),
]
Cursor = Annotated[
    str,
    Field(max_length=300, description="The next_cursor of the answer before, to go on there. Empty: from the start."),
]


def number_in(cursor: str) -> int:
    """The number that a cursor holds; 0 if it is empty. Raises Wrong."""
    number = whole_number(cursor, 0, MOST_SKIPPED) if cursor.strip() else 0
    if number is None:
        raise Wrong("cursor", "send the next_cursor of the answer before as it was.")
    return number
