"""The quick switcher: what the box at the top lists. Before a letter is typed: what a person was at, and commands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from knowledgetree.accounts.rights import policy
from knowledgetree.accounts.rights.reader_of import reader_of
from tree import commands, queries
from tree.graph.folding import PARTS, folded
from tree.graph.values import Hit, Hits, Placed
from tree.kinds import NODE_CLASS, Ticket
from tree.models import Pin, SeenNode
from tree.pages.finding.saved import saved_named
from tree.queries.lists.address import LISTED_KINDS
from tree.search.snippets import Part, marked, number_hit
from tree.search.typed import Typed, read_typed

QUICK_ROWS, CLIENT_ROWS, SEEN_ROWS, PIN_ROWS, SAVED_ROWS = 8, 5, 6, 8, 6
_SOME_COMMANDS = 4  # below hits
_ONLY_COMMANDS = ">"  # typed first
_LEAST = 2  # letters: fewer are too little for commands, and for what is found at a client


@dataclass(frozen=True)
class Entry:
    """A command or saved search, as the switcher shows it: it leads to an address, or presses something on the page."""

    words: str
    more: str
    key: str = ""
    address: str = ""
    presses: str = ""
    is_whole: bool = False
    is_saved: bool = False


@dataclass(frozen=True)
class HitLine:
    """A hit with its name and the number that was typed, in parts that are marked or not."""

    hit: Hit
    name: list[Part]
    field: list[Part]


@dataclass(frozen=True)
class Group:
    """A part of the list, with a heading."""

    title: str
    places: tuple[Placed, ...] = ()
    hits: tuple[HitLine, ...] = ()
    entries: tuple[Entry, ...] = ()


@require_safe
def search_quick(request: HttpRequest) -> HttpResponse:
    """The list for what is typed (``q``) on the page of ``node``, at the client ``client``; both may be empty."""
    typed = request.GET.get("q", "").strip()
    offered = list(_offered(request))
    if not typed:
        saved = tuple(_saved(request))[:SAVED_ROWS]
        groups = [*_own(request), Group("Saved searches", entries=saved), Group("Commands", entries=tuple(offered))]
        hits = Hits()
    elif typed.startswith(_ONLY_COMMANDS):
        found = tuple(_matching(offered, typed.removeprefix(_ONLY_COMMANDS), least=0))
        groups, hits, typed = [Group("Commands", entries=found)], Hits(), ""
    else:
        groups, hits = _found(request, typed, [*_saved(request, typed), *offered])
    context = {"query": typed, "groups": [group for group in groups if _is_filled(group)], "hits": hits}
    return render(request, "tree/_quick.html", context)


def keys(user: Any) -> list[tuple[tuple[str, ...], str]]:
    """The list of keys: the keys of each line and what they do, as far as this person may do it."""
    lines = [((each.key,), each.words) for each in _allowed(user) if each.key]
    beside = [(key.keys, key.words) for key in commands.BESIDE if not key.right or _may(user, key.right)]
    return beside[:1] + lines + beside[1:]


def _found(request: HttpRequest, typed: str, offered: list[Entry]) -> tuple[list[Group], Hits]:
    """What is found: at the client whose page is open, everywhere, by its name. What is called just so comes first."""
    reader, read = reader_of(request), read_typed(typed)
    everywhere = queries.search(typed, reader=reader, limit=QUICK_ROWS)
    client = request.GET.get("client", "")
    here = Hits()
    if client and len(typed) >= _LEAST:  # only what has all that was typed is worth more than what is found elsewhere
        here = queries.search(typed, company=client, exact=True, reader=reader, limit=CLIENT_ROWS)
    ids = {hit.row.uid for hit in here.hits}
    groups = [Group("Everywhere" if ids else "Found", hits=_lines(everywhere, read, ids))]
    if ids:
        named = queries.find_name(client, reader=reader)
        at = len(groups) if everywhere.is_by_name and not here.is_by_name else 0
        groups.insert(at, Group(f"In {named.name if named else 'this client'}", hits=_lines(here, read, set())))
    matching = list(_matching(offered, typed, least=_LEAST))
    exact = [entry for entry in matching if _is_name(entry, typed)]
    saved, others = (
        [entry for entry in matching if entry not in exact and entry.is_saved is is_saved][:_SOME_COMMANDS]
        for is_saved in (True, False)
    )
    return [
        Group("Best match", entries=tuple(exact)),
        *groups,
        Group("Saved searches", entries=tuple(saved)),
        Group("Commands", entries=tuple(others)),
    ], everywhere


def _lines(hits: Hits, typed: Typed, without: set[str]) -> tuple[HitLine, ...]:
    return tuple(
        HitLine(hit, marked(hit.row.title, typed), number_hit(hit, typed))
        for hit in hits.hits
        if hit.row.uid not in without
    )


def _own(request: HttpRequest) -> Iterator[Group]:
    """What this person saw last, without the page that is open, and what they have pinned."""
    seen, pins = list(SeenNode.last(request.user))[: 2 * SEEN_ROWS], Pin.of(request.user)[: 2 * PIN_ROWS]
    known = queries.get_placed([*seen, *pins], reader=reader_of(request))
    here = request.GET.get("node", "")
    last = [known[uid] for uid in seen if uid in known and uid != here]
    yield Group("Recently seen", places=tuple(last[:SEEN_ROWS]))
    yield Group("Pinned", places=tuple(known[uid] for uid in pins if uid in known)[:PIN_ROWS])


def _offered(request: HttpRequest) -> Iterator[Entry]:
    """The commands that this person may use, and the lists."""
    allowed = list(_allowed(request.user))
    yield from (_entry(command) for command in allowed if command.presses.startswith("#page"))
    for slug, kind in LISTED_KINDS.items():
        if kind != Ticket.kind() or reader_of(request).tickets:
            about = NODE_CLASS[kind].about
            yield Entry(f"List of {about.plural.lower()}", f"all {about.plural}", address=reverse("list", args=[slug]))
    yield from (_entry(command) for command in allowed if not command.presses.startswith("#page"))


def _saved(request: HttpRequest, typed: str = "") -> Iterator[Entry]:
    found = saved_named(request.user, typed)
    return (Entry(each.name, "", address=each.address, is_saved=True) for each in found)


def _entry(command: commands.Command) -> Entry:
    address = reverse(command.leads) if command.leads else ""
    return Entry(command.words, command.more, command.key, address, command.presses, command.is_whole)


def _allowed(user: Any) -> Iterator[commands.Command]:
    """Those that this person may use. Who has no password here logs in and out elsewhere."""
    elsewhere = () if user.has_usable_password() else ("password_change", "logout")
    found = (command for command in commands.all_commands() if command.right not in elsewhere)
    return (command for command in found if _may(user, command.right))


def _may(user: Any, route: str) -> bool:
    return policy.role_of(user) in policy.ROUTES[route]


def _matching(offered: list[Entry], typed: str, *, least: int) -> Iterator[Entry]:
    """The commands with words that begin as each of the typed ones."""
    wanted = PARTS.findall(folded(typed))
    if sum(map(len, wanted)) < least:
        return
    for entry in offered:
        words = PARTS.findall(folded(f"{entry.words} {entry.more}"))
        if all(any(word.startswith(one) for word in words) for one in wanted):
            yield entry


def _is_name(entry: Entry, typed: str) -> bool:
    """Whether the whole name of a command was typed, with or without “here”, “or unpin”, “List of”."""
    name, wanted = (PARTS.findall(folded(text)) for text in (entry.words.partition(" or un")[0], typed))
    short = [word for word in name if word not in ("here", "list", "of")]
    return wanted in (name, short)


def _is_filled(group: Group) -> bool:
    return bool(group.places or group.hits or group.entries)
