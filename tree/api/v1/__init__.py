"""The API v1 of the tree: nodes, revisions, files, searches and lists. ``knowledgetree.api_v1`` puts the API together.

Who may use which operation stands in ``knowledgetree.accounts.rights.api_policy``.
"""

from ninja import Router


def routers() -> tuple[Router, ...]:
    """All operations of the tree."""
    from tree.api.v1.operations import context, files, lists, nodes, revisions, search

    return (nodes.router, revisions.router, files.router, search.router, lists.router, context.router)
