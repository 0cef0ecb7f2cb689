"""What people can do from any page by its name or its key: the quick switcher and the list of keys are made of this.

Another app adds its own in ``AppConfig.ready``, so that the tree's pages do not depend on it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """Something to do. ``right`` is the route that who may use it may do this.

    It either leads to a page (``leads``, the name of its address) or presses what the selector ``presses`` finds on the
    page that is open, and is offered only if there is such a thing. ``key`` is the key that does the same; ``more`` are
    other words that find it. ``is_whole``: the page that it leads to must be loaded in full.
    """

    words: str
    right: str
    leads: str = ""
    presses: str = ""
    key: str = ""
    more: str = ""
    is_whole: bool = False


@dataclass(frozen=True)
class Key:
    """A line of the list of keys that is no command of its own. ``right``: empty if it is for everybody."""

    keys: tuple[str, ...]
    words: str
    right: str = ""


def _on_page(key: str) -> str:
    """What finds the link or button of the open page that has this key (keys.js)."""
    return f'#page [data-key~="{key}"]'


_commands = [
    Command("New note here", "node-new", presses=_on_page("n"), key="n", more="create add write"),
    Command("New folder here", "node-new", presses=_on_page("N"), key="Shift n", more="create add make"),
    Command("Edit", "node-edit", presses=_on_page("e"), key="e", more="write change"),
    Command("History", "node-history", presses=_on_page("h"), key="h", more="versions changes restore"),
    Command("Copy as Markdown", "copied", presses=_on_page("y"), key="y", more="text facts assistant"),
    Command("Context for an assistant", "node-context", presses=_on_page("c"), key="c", more="ai prompt pack tokens"),
    Command("Pin or unpin", "node-pin", presses=_on_page("p"), key="p", more="star favourite"),
    Command("Rename", "node-rename", presses=_on_page("r"), key="r"),
    Command("Move", "node-move", presses=_on_page("m"), key="m"),
    Command("Copy", "node-copy", presses='#page a[href$="/copy/"]', more="duplicate"),
    Command("Mark or unmark as a warning", "node-warning", presses=_on_page("w"), key="w", more="banner"),
    Command("Delete", "node-trash", presses=_on_page("Delete"), key="Del", more="trash remove"),
    Command("Home", "home", leads="home", more="start"),
    Command("Trash", "trash", leads="trash", more="deleted restore"),
    Command("Proposals", "proposals", leads="proposals", more="assistants ai suggested notes"),
    Command("Export and import", "exchange", leads="exchange", more="backup archive"),
    Command("Webhooks", "webhooks", leads="webhooks", more="events endpoints deliveries"),
    Command("Audit log", "audit", leads="audit", more="who did what"),
    Command("Administration", "exchange", leads="admin:index", more="accounts people groups", is_whole=True),
    Command("Light or dark", "home", presses="[data-action=theme]", more="theme night colours"),
    Command("Keys", "home", presses="[data-action=keys]", key="?", more="help shortcuts keyboard"),
    Command("Change password", "password_change", leads="password_change"),
    Command("Log out", "logout", presses=".top [data-action=log-out]", more="sign out leave"),
]
BESIDE = (
    Key(("Ctrl K", "/"), "find anything: type a name or a command; Enter opens the first one"),
    Key(("Ctrl Enter",), "in that box: all results; in the editor: save"),
    Key(("F2",), "rename; in the tree the row with the focus", "node-rename"),
    Key(("x",), "choose the row of a list that has the focus", "tree-move"),
    Key(("↑", "↓", "←", "→"), "in the tree: walk, fold, unfold; letters find names"),
    Key(("Enter",), "in the tree: open; Esc goes on to the page"),
    Key(("Esc",), "close, or cancel a drag"),
)


def add(command: Command) -> None:
    """Add a command, before those about the pages' looks and the person's account."""
    _commands.insert(next(i for i, each in enumerate(_commands) if each.leads == "trash"), command)


def all_commands() -> tuple[Command, ...]:
    """All of them, in the order in which they are shown."""
    return tuple(_commands)
