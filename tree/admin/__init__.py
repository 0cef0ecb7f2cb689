"""The kinds of node in the Django admin, which imports this package to find them."""

from tree.admin import nodes  # noqa: F401 (it registers them)
