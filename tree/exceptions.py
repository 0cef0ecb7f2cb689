"""The exceptions of the tree; their messages are shown to people."""


class TreeError(Exception):
    """The base class of all errors of the tree. The message is meant for people."""


class GraphUnavailable(TreeError):
    """Neo4j cannot be reached or refuses access. The message, for admins, says what was tried and what to do.

    ``in_short`` is what everybody may read of it.
    """

    in_short = "Neo4j cannot be reached at the moment."


class GraphTimedOut(GraphUnavailable):
    """A transaction took too long and Neo4j has rolled it back."""

    in_short = "Neo4j has much to do at the moment, and this took too long."


class GraphFailed(GraphUnavailable):
    """Neo4j answers, but its database has failed, for example on a full disk, and has to be restarted."""

    in_short = "The database has stopped working, probably because its disk is full. An administrator has to see to it."


class GraphOverloaded(GraphUnavailable):
    """Neo4j could not do it at this moment. ``code`` is its status code, such as that of a deadlock."""

    in_short = "Neo4j could not do this at the moment."

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class ForeignGraph(GraphUnavailable):
    """Neo4j holds a graph that is not ours: that of the old application, or one with repeated ids."""


class NodeNotFound(TreeError):
    """No live node has this id or path."""


class Refused(TreeError):
    """A change was refused; nothing was written. ``field`` is the form field that the message belongs to."""

    field = ""


class InvalidName(Refused):
    """The name is unreadable, misleading or too long."""

    field = "name"


class InvalidText(Refused):
    """The text is too long or cannot be stored."""

    field = "content"


class NameTaken(Refused):
    """A live sibling has this name or one that looks the same. ``existing_id`` is the id of that sibling."""

    field = "name"

    def __init__(self, message: str, existing_id: str) -> None:
        super().__init__(message)
        self.existing_id = existing_id


class Forbidden(Refused):
    """Whoever asks may not have or do this, although they may know of it. The message says why."""


class ReadOnlyNode(Refused):
    """The node comes from Codex or is part of the tree's fixed structure."""


class InvalidPlace(Refused):
    """The parent is gone, lies inside the node itself, or is too deep."""

    field = "parent"


class Conflict(Refused):
    """Somebody else has saved the node meanwhile: ``author`` made ``version``, the present one."""

    field = "content"

    def __init__(self, message: str, version: int, author: str) -> None:
        super().__init__(message)
        self.version, self.author = version, author


class TooEarly(Refused):
    """The node has not been in the trash long enough to be purged."""


class FileRefused(Refused):
    """The file is not accepted: its type is not allowed, or it is damaged or dangerous."""

    field = "file"


class FileTooLarge(FileRefused):
    """The file, or an image in it, exceeds a size limit."""


class NoSpace(Refused):
    """The disk is full, or a file quota is used up."""

    field = "file"
