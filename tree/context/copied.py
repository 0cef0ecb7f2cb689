"""A node as Markdown for people who paste it elsewhere: title, address, facts, text and relations."""

from collections.abc import Callable, Sequence

from django.urls import reverse

from tree.graph.values import Node, Row
from tree.kinds import NODE_CLASS, Note
from tree.kinds.facts import facts
from tree.text.escaping import escaped
from tree.vocabulary import ORIGIN_CODEX

_RELATIONS = {("REQUESTED_BY", True): "Requested by", ("USED_BY", True): "Used by", ("USED_BY", False): "Uses"}
_MENTIONS = "Mentions"


def as_markdown(node: Node, backlinks: Sequence[Row], whole: Callable[[str], str]) -> str:
    """The node. ``whole`` makes a whole address of a path of this site."""
    path = " / ".join(escaped(crumb.title) for crumb in node.path[1:])
    parts = [f"# {escaped(node.title)}", f"{path}\n<{whole(reverse('node', args=[node.uid]))}>"]
    if node.kind != Note.kind() and (told := facts(node.kind, node.properties)):
        parts.append("\n".join(f"- **{fact.label}:** {escaped(', '.join(fact.values))}" for fact in told))
    if text := _text(node):
        parts.append(text)
    if related := _related(node, backlinks, whole):
        parts.append("\n".join(["## Related", "", *related]))
    return "\n\n".join(parts) + "\n"


def _text(node: Node) -> str:
    is_facts = NODE_CLASS[node.kind].about.text_is_facts or (
        node.kind == Note.kind() and node.properties.get("origin") == ORIGIN_CODEX
    )
    return "" if is_facts else node.content.strip()


def _related(node: Node, backlinks: Sequence[Row], whole: Callable[[str], str]) -> list[str]:
    lines = [
        f"- {_RELATIONS.get((relation.name, relation.outgoing), _MENTIONS)} {_link(relation.row, whole)}"
        for relation in node.relations
    ]
    return [*lines, *(f"- Linked from {_link(row, whole)}" for row in backlinks)]


def _link(row: Row, whole: Callable[[str], str]) -> str:
    return f"[{escaped(row.title)}]({whole(reverse('node', args=[row.uid]))})"
