"""The conditions of a reader are taken out of a statement exactly where the reader is not limited so."""

import pkgutil
import re
from importlib import import_module

import pytest

from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tests.tree.factory import Acme
from tree import queries
from tree.graph import limits
from tree.graph.connection import graph_session
from tree.graph.limits import COMPANIES_ONLY, END, TICKETS_ONLY, without_limits
from tree.queries.columns import MAY_READ, MAY_READ_CHILD, MAY_VISIT

MODULES = [import_module(found.name) for found in pkgutil.walk_packages(queries.__path__, "tree.queries.")]
CLAUSES = ("MATCH", "OPTIONAL", "UNWIND", "WITH", "CALL", "RETURN")
STATEMENTS = {
    f"{module.__name__}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if isinstance(value, str) and TICKETS_ONLY in value and "%(" not in value and value.lstrip().startswith(CLAUSES)
}
FRAGMENTS = {"tree.queries.branches._START"}  # of statements that are among them
LIMITED = {
    "nothing": EVERYTHING,
    "tickets": Reader(tickets=False),
    "companies": Reader(companies=frozenset({"1001"})),
    "both": Reader(tickets=False, companies=frozenset()),
}


def shortened(condition: str, reader: Reader) -> str:
    """A condition of ``tree.queries.columns`` as it would be written for this reader, by its places, not its marks."""
    tickets, companies = condition.index(TICKETS_ONLY), condition.index(COMPANIES_ONLY)
    return (
        condition[:tickets]
        + (condition[tickets:companies] if not reader.tickets else "")
        + (condition[companies:-1] if reader.companies is not None else "")
        + condition[-1]
    )


@pytest.mark.parametrize("reader", LIMITED.values(), ids=LIMITED)
def test_what_is_left_is_the_statement_without_these_conditions(reader: Reader) -> None:
    assert len(STATEMENTS) > 30
    for name, statement in STATEMENTS.items():
        expected = statement
        for node in set(re.findall(r"\w+", statement)):
            for condition in (MAY_READ, MAY_VISIT, MAY_READ_CHILD):
                whole = condition % {"n": node}
                expected = expected.replace(whole, shortened(whole, reader))
        assert expected.count(TICKETS_ONLY) == (0 if reader.tickets else statement.count(TICKETS_ONLY)), name
        left = without_limits(statement, reader.parameters)
        assert left == expected, name
        assert left.count("(") == left.count(")"), name
        assert left.count(END) == left.count(TICKETS_ONLY) + left.count(COMPANIES_ONLY), name
        assert ("$companies" in left) == (reader.companies is not None), name


def test_a_statement_without_a_reader_keeps_its_conditions() -> None:
    """A forgotten parameter must be an error of Neo4j, never a way around the limits."""
    statement = STATEMENTS["tree.queries.rights._READABLE"]
    assert without_limits(statement, {"id": "root"}) == statement
    for odd in ({"tickets": 1, "companies": False}, {"tickets": "yes", "companies": ()}, {"tickets": None}):
        assert without_limits(statement, odd) == statement


def test_neo4j_takes_every_statement_in_every_form(acme: Acme) -> None:
    with graph_session() as session:
        for name in STATEMENTS.keys() - FRAGMENTS:
            statement = STATEMENTS[name]
            session.run("EXPLAIN " + without_limits(statement, EVERYTHING.parameters)).consume()


def test_all_forms_of_all_statements_are_kept() -> None:
    """Lists have statements of their own for each choice of filters, which may take the rest of the room."""
    kept = limits._without.cache_info().maxsize
    assert kept is not None
    assert len(STATEMENTS) * len(LIMITED) * 4 < kept
