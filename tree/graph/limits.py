"""The limits of a reader within a statement, which are taken out for readers who do not have them.

A condition that is always true costs nothing while a query runs, but Neo4j plans what stands in it: seconds, for a
statement with many, after each start and whenever the statistics have changed.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

TICKETS_ONLY, COMPANIES_ONLY, END = "/*tickets?*/", "/*companies?*/", "/*.*/"


def without_limits(cypher: str, parameters: Mapping[str, Any]) -> str:
    """The statement without the limits that these parameters do not set."""
    tickets = parameters.get("tickets") is True
    companies = "companies" in parameters and parameters["companies"] is None
    return _without(cypher, tickets=tickets, companies=companies) if tickets or companies else cypher


@lru_cache(maxsize=4096)
def _without(cypher: str, *, tickets: bool, companies: bool) -> str:
    for mark, is_free in ((TICKETS_ONLY, tickets), (COMPANIES_ONLY, companies)):
        if is_free:
            cypher = re.sub(re.escape(mark) + ".*?" + re.escape(END), "", cypher, flags=re.DOTALL)
    return cypher
