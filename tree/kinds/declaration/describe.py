"""Generates the tables of kinds in docs/graph.md: ``.venv/bin/python -m tree.kinds.declaration.describe``."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tree.kinds import NODE_CLASSES, ContextItem

PAGE = Path(__file__).parents[3] / "docs" / "graph.md"


def kinds() -> Iterator[str]:
    """Each kind with a description of its nodes and their key."""
    yield "| kind | what | `codex_key` |"
    yield "| --- | --- | --- |"
    for node_class in NODE_CLASSES:
        yield f"| `{node_class.kind()}` | {node_class.about.what} | {node_class.about.key} |"


def properties() -> Iterator[str]:
    """Each kind that has properties of its own, with those properties."""
    yield "| kind | properties |"
    yield "| --- | --- |"
    for node_class in NODE_CLASSES:
        own = {name: field for name, field in node_class.fields().items() if name not in ContextItem.fields()}
        if own:
            words = [f"`{name}`{' (list)' if field.is_list else ''}" for name, field in own.items()]
            yield f"| `{node_class.kind()}` | {', '.join(words)} |"


TABLES: dict[str, Callable[[], Iterator[str]]] = {"kinds": kinds, "properties": properties}


def described(page: str) -> str:
    """The page with its tables regenerated from the classes. Raises ValueError if a table has no markers."""
    for name, table in TABLES.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, has_begin, rest = page.partition(begin)
        _, has_end, after = rest.partition(end)
        if not (has_begin and has_end):
            raise ValueError(f"docs/graph.md needs the lines {begin} and {end}: the table stands between them.")
        page = "\n".join([before + begin, *table(), end + after])
    return page


if __name__ == "__main__":
    PAGE.write_text(described(PAGE.read_text()))
