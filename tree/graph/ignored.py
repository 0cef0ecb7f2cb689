"""Lets a statement fail that Neo4j has ignored; the driver would look for its response for ever, at full speed.

Neo4j ignores what comes on a connection on which something has failed, until the driver resets it. neo4j 5.19 is not
prepared for that where it waits for the first response to a statement (``Result._attach``). Seen once, when two
processes wrote while a third made and dropped indexes. The statement now fails as if its connection had broken, which
is tried again.
"""

from neo4j._sync.work.result import Result
from neo4j.exceptions import ServiceUnavailable


def let_ignored_statements_fail() -> None:
    """Change the driver of this process so. Calling it again changes nothing."""
    Result._attach = _attach  # type: ignore[method-assign]


def _attach(result: Result) -> None:
    """Read until the statement has begun to respond. Raises what the driver does, and ServiceUnavailable.

    Not a message more: at the end of a statement that is a transaction of its own, its connection may go to others.
    """
    if result._exhausted is not False or result._attached is not False:
        return
    [*_, begun] = [response for response in result._connection.responses if response.message == "run"] or [None]
    while result._attached is False:
        if begun is None or begun.complete:
            raise ServiceUnavailable("Neo4j ignored a statement, because something had failed on its connection.")
        result._connection.fetch_message()  # raises if the connection is closed
