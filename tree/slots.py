"""Places in the tree's pages that other apps fill, so that the tree's pages need not know those apps.

An app fills a slot with a template in its ``AppConfig.ready``; ``{% slot "node-badges" %}`` shows that template in the
page, with all variables of the page.
"""

from enum import StrEnum


class Slot(StrEnum):
    HOME_STATE = "home-state"  # above the companies: how fresh they are
    HOME_EMPTY = "home-empty"  # instead of the companies while there are none
    NO_COMPANIES = "no-companies"  # after “No companies yet.”
    NODE_BADGES = "node-badges"  # among the badges below a node's name
    NODE_FACTS = "node-facts"  # a section beside a node's text
    NODE_LINKS = "node-links"  # after the addresses of a node


_templates: dict[Slot, list[str]] = {}


def fill(slot: Slot, template: str) -> None:
    """Show this template in the slot, after those that fill it already."""
    _templates.setdefault(slot, []).append(template)


def templates_of(slot: Slot) -> list[str]:
    """The names of the templates that fill this slot, in the order in which they are shown."""
    return _templates.get(slot, [])
