"""What can go wrong in the tree, in the words of those who read it."""


class TreeError(Exception):
    """Base of all errors of the tree; its text is meant for people."""


class GraphUnavailable(TreeError):
    """Neo4j cannot be reached, or refuses us. The text says what was tried and what to do."""


class NodeNotFound(TreeError):
    """No live node has this id or path."""
