"""What people read instead of a node's stored name: ``#40007 VPN is down``, not ``Ticket_7.md``.

Stored names are those of the old application and stay in paths, exports and the JSON API. A kind declares its titles in
``About.titles``.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from tree.kinds import FOLDER_KINDS, NODE_CLASSES

_EXTENSION = ".md"
_PATTERNS = {  # each kind's patterns with the properties that they need
    node_class.kind(): [
        (pattern, [name for _, name, _, _ in Formatter().parse(pattern) if name]) for pattern in node_class.about.titles
    ]
    for node_class in NODE_CLASSES
}
# The properties that a query returns of a node whose title is to be shown, besides its id, name and labels.
TITLE_NAMES = tuple(dict.fromkeys(name for patterns in _PATTERNS.values() for _, names in patterns for name in names))

TITLED_KINDS = frozenset(kind for kind, patterns in _PATTERNS.items() if patterns)  # those whose title is not the name


def title_of(kind: str, name: str, properties: Mapping[str, Any]) -> str:
    """The title of a node of this kind. ``properties`` holds at least TITLE_NAMES, as far as they have values."""
    for pattern, names in _PATTERNS[kind]:
        values = {each: str(properties.get(each) or "").strip() for each in names}
        if all(values.values()):
            return pattern.format_map(values)
    return shown_name(kind, name)


def shown_name(kind: str, name: str) -> str:
    """The name of a node of this kind as forms show it."""
    return name if kind in FOLDER_KINDS else without_extension(name)


def stored_name(kind: str, typed: str, before: str) -> str:
    """The name to store for what was typed in place of the shown name: the ending of the name before stays."""
    typed = typed.strip()
    ending = before[len(shown_name(kind, before)) :]
    return typed if not typed or _has_extension(typed) else typed + ending


def without_extension(name: str) -> str:
    """The name of a text without its ``.md``, unless nothing else would be left."""
    return name[: -len(_EXTENSION)] if _has_extension(name) else name


def _has_extension(name: str) -> bool:
    return len(name) > len(_EXTENSION) and name[-len(_EXTENSION) :].lower() == _EXTENSION
