"""Names synced nodes: puts Codex's names on one line and adds suffixes to namesakes."""

from collections import Counter
from itertools import repeat

from syncing.kinds.declaration.desired import Desired
from tree.graph.sibling_keys import folded


def clean_name(name: str | None) -> str:
    """Turn a name of Codex into one visible line and change nothing else in it."""
    name = name or ""
    if name.isprintable() and name == name.strip() and name:
        return name
    visible = "".join(c if c.isprintable() or c in "\u200d\ufe0f" else " " for c in name).strip()
    return visible or "(without a name)"


def settle_names(siblings: list[Desired], taken: set[str]) -> None:
    """Give every clashing synced sibling a suffix that people understand. ``taken``: folded names that staff use.

    Changes ``name`` in place. The hint (e-mail, number) is added first, and then the number if names still clash. The
    number is repeated if somebody chose a name that already looks like ours.
    """
    for suffix in (_with_hint, *repeat(_with_number, 5)):
        names = [folded(node.name) for node in siblings]
        if len(set(names)) == len(names) and taken.isdisjoint(names):
            return
        wanted = Counter(names)
        clashing = [n for n, name in zip(siblings, names, strict=True) if wanted[name] > 1 or name in taken]
        for node in clashing:
            node.name = suffix(node)


def _with_hint(node: Desired) -> str:
    return _suffixed(node.name, node.hint or node.number)


def _with_number(node: Desired) -> str:
    return _suffixed(node.name, node.number)


def _suffixed(name: str, text: str) -> str:
    stem, dot, extension = name.rpartition(".md")
    return f"{stem} ({text}){dot}{extension}" if dot and not extension else f"{name} ({text})"
