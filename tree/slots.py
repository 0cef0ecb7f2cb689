"""Slots in the tree's pages for other apps, so that the pages do not depend on those apps.

An app adds a template to a slot in its ``AppConfig.ready``; ``{% slot "node-badges" %}`` renders it in the page, with
the page's context.
"""

from enum import StrEnum


class Slot(StrEnum):
    HOME_STATE = "home-state"  # below the numbers: how fresh the records are
    HOME_NEEDS = "home-needs"  # entries of the list of what needs this person
    HOME_EMPTY = "home-empty"  # instead of the companies while there are none
    NO_COMPANIES = "no-companies"  # after “No companies yet.”
    NODE_BADGES = "node-badges"  # among the badges below a node's name
    NODE_FACTS = "node-facts"  # a section beside a node's text
    NODE_RECENT = "node-recent"  # after what a record's page shows of its kind: what changed lately
    NODE_LINKS = "node-links"  # after the URLs of a node


_templates: dict[Slot, list[str]] = {}


def fill(slot: Slot, template: str) -> None:
    """Add a template to the slot, after those that are already there."""
    _templates.setdefault(slot, []).append(template)


def templates_of(slot: Slot) -> list[str]:
    """The names of the templates in this slot, in display order."""
    return _templates.get(slot, [])
