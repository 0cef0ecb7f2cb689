"""No query forgets to ask who reads, and no page and no JSON route forgets to say it."""

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import tree
from knowledgetree.basics.rights.reader import EVERYTHING
from tree import queries
from tree.queries.lists.scans import Asked
from tree.queries.lists.selection import Selection

ROOT = Path(tree.__file__).parent.parent
MODULES = [import_module(found.name) for found in pkgutil.walk_packages(queries.__path__, "tree.queries.")]
PUBLIC = {
    name: each
    for module in MODULES
    for name, each in inspect.getmembers(module, inspect.isfunction)
    if each.__module__ == module.__name__ and not name.startswith("_")
}
ASKED = {name for name, each in PUBLIC.items() if "reader" in inspect.signature(each).parameters}
FORGOTTEN = {name for name in ASKED if inspect.signature(PUBLIC[name]).parameters["reader"].default is EVERYTHING}
OF_A_SELECTION = {"count_list", "get_list", "get_values", "nodes", "parameters", "conditions", "is_client", "scans"}
WITHOUT_A_READER = {
    # The selection that they are given has the reader; it cannot be made without one.
    *OF_A_SELECTION,
    # It is asked for the companies of runs and plans, which only admins and technicians read.
    "get_compliance_levels",
    # The numbers by account of which the start page shows those of companies that the reader may read.
    "count_open_tickets",
    "ping",
    # Exports and imports of all that staff wrote.
    *("bytes_of_files", "every_file", "every_node", "every_page", "every_revision", "holders_of_files"),
    *("messages_of_versions", "numbers_of_revisions", "present", "silent", "taken"),
    # They ask the graph nothing.
    *("all_columns", "browse_url", "crumbs", "encode_name", "field_of", "filters", "index_for", "is_number"),
    *("read_address", "row", "row_columns", "searched", "sort_key", "sort_value", "sortable", "sorted_by"),
    *("subject_words", "text_of", "usual_columns", "warnings"),
}
# Where admins and commands read everything: the Django admin, exports and imports, the titles of a plan.
WHOLE = (
    *("tree/admin/", "tree/exchange/", "tree/management/", "tree/queries/", "syncing/pages/titles.py"),
    *("knowledgetree/launcher/", "knowledgetree/management/", "knowledgetree/access/companies.py"),
)


def unsaid(source: ast.AST) -> Iterator[str]:
    """Where a query that would read everything is called, or handed on, without a reader."""
    said: set[int] = set()
    imported = {
        alias.asname or alias.name: alias.name
        for found in ast.walk(source)
        if isinstance(found, ast.ImportFrom) and str(found.module).startswith("tree.queries")
        for alias in found.names
    }
    for call in ast.walk(source):
        if isinstance(call, ast.Call) and any(word.arg == "reader" for word in call.keywords):
            said |= {id(call.func), *map(id, call.args)}  # partial(query, reader=…) says it, too
    for found in ast.walk(source):
        match found:
            case ast.Attribute(value=ast.Name(id="queries" | "paths"), attr=name) if name in FORGOTTEN:
                if id(found) not in said:
                    yield f"line {found.lineno}: {name}"
            case ast.Name(id=name, ctx=ast.Load()) if imported.get(name) in FORGOTTEN:
                if id(found) not in said:
                    yield f"line {found.lineno}: {name}"


def test_every_query_takes_a_reader_or_is_known_not_to() -> None:
    assert PUBLIC.keys() - ASKED == WITHOUT_A_READER
    for name in OF_A_SELECTION:
        parameters = inspect.signature(PUBLIC[name]).parameters.values()
        assert any(each.annotation in (Selection, Asked) for each in parameters), name
    with pytest.raises(TypeError, match="reader"):
        Selection("Note")  # type: ignore[call-arg]


@pytest.mark.parametrize("package", ["tree", "syncing", "knowledgetree"])
def test_every_query_of_a_view_names_its_reader(package: str) -> None:
    assert {"get_node", "search", "get_children", "resolve", "clients_named"} <= FORGOTTEN
    for path in (ROOT / package).rglob("*.py"):
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(WHOLE):
            assert not list(unsaid(ast.parse(path.read_text()))), place
