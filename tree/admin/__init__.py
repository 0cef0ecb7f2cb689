"""The kinds of node and other lists in the Django admin, which imports this package to find them."""

from tree.admin import missed_searches, nodes  # noqa: F401 (they register them)
