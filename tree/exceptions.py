"""What can go wrong in the tree, in the words of those who read it."""


class TreeError(Exception):
    """Base of all errors of the tree; its text is meant for people."""


class GraphUnavailable(TreeError):
    """Neo4j cannot be reached, or refuses us. The text says what was tried and what to do."""


class GraphTimedOut(GraphUnavailable):
    """A transaction took too long, and Neo4j has ended it; nothing of it was written."""


class NodeNotFound(TreeError):
    """No live node has this id or path."""


class Refused(TreeError):
    """A change that is not made; nothing was written. ``field`` names the form field that the text belongs to."""

    field = ""


class InvalidName(Refused):
    """A name that would be unreadable, misleading or too long."""

    field = "name"


class InvalidText(Refused):
    """A text that is too long, or that cannot be stored."""

    field = "content"


class NameTaken(Refused):
    """A live sibling has this name, or one that looks the same. ``existing_id`` is that sibling."""

    field = "name"

    def __init__(self, message: str, existing_id: str) -> None:
        super().__init__(message)
        self.existing_id = existing_id


class ReadOnlyNode(Refused):
    """The node comes from Codex, or is part of the tree's frame."""


class InvalidPlace(Refused):
    """The parent is gone, lies inside the node itself, or is too deep."""

    field = "parent"


class Conflict(Refused):
    """Somebody saved since the text was read: ``version`` is the present one, ``author`` who made it."""

    field = "content"

    def __init__(self, message: str, version: int, author: str) -> None:
        super().__init__(message)
        self.version, self.author = version, author


class TooEarly(Refused):
    """What lies in the trash is kept for a while before it may be purged."""


class FileRefused(Refused):
    """A file that is not taken: of a kind that is not on the list, damaged, or dangerous."""

    field = "file"


class FileTooLarge(FileRefused):
    """A file, or a picture in it, that is larger than the limit."""


class NoSpace(Refused):
    """The disk is full, or a quota of files is used up."""

    field = "file"
