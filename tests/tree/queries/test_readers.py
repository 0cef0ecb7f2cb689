"""No page and no JSON route forgets to say who reads: whatever query can be asked for a reader is asked for one."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import tree
from tree import queries
from tree.queries import clients, paths

ROOT = Path(tree.__file__).parent.parent
ASKED = {
    name
    for module in (queries, clients, paths)
    for name, each in inspect.getmembers(module, inspect.isfunction)
    if "reader" in inspect.signature(each).parameters
}
# Where admins and commands read everything: the Django admin, exports and imports, the pages of syncs.
WHOLE = (
    *("tree/admin/", "tree/exchange/", "tree/management/", "tree/queries/", "syncing/"),
    *("knowledgetree/launcher/", "knowledgetree/management/", "knowledgetree/access/companies.py"),
)


def unsaid(source: ast.AST) -> Iterator[str]:
    """Where a query is called, or handed on, without a reader."""
    said: set[int] = set()
    for call in ast.walk(source):
        if isinstance(call, ast.Call) and any(word.arg == "reader" for word in call.keywords):
            said |= {id(call.func), *map(id, call.args)}  # partial(query, reader=…) says it, too
    for found in ast.walk(source):
        match found:
            case ast.Attribute(value=ast.Name(id="queries" | "paths"), attr=name) if name in ASKED:
                if id(found) not in said:
                    yield f"line {found.lineno}: {name}"


@pytest.mark.parametrize("package", ["tree", "syncing", "knowledgetree"])
def test_every_query_of_a_view_names_its_reader(package: str) -> None:
    assert {"get_node", "search", "get_children", "resolve", "clients_named"} <= ASKED
    for path in (ROOT / package).rglob("*.py"):
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(WHOLE):
            assert not list(unsaid(ast.parse(path.read_text()))), place
