"""Determines the scope of a run: which companies and which kinds of record it syncs.

Removals follow the scope: a run of contacts archives only contacts, and a run of some companies archives no company.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from syncing.graph import existing
from syncing.kinds import COMPANIES, KINDS, OF_CODEX, OF_TICKETS, TICKETS
from syncing.kinds.declaration.key import Key
from syncing.kinds.declaration.kind import Kind
from syncing.models import SyncRun
from tree.graph.sibling_keys import folded

ALL = "all"
CHOICES = {ALL: "Everything"} | {kind.list_name: kind.title for kind in KINDS}  # {form value: label}
CODEX_CHOICES = tuple(kind.list_name for kind in (COMPANIES, *OF_CODEX))  # the kinds that sync_codex may be limited to


def kinds_of(run: SyncRun) -> tuple[Kind[Any], ...]:
    """The kinds of record whose lists this run reads from each company."""
    if run.command == SyncRun.Command.TICKETS:
        return OF_TICKETS
    return tuple(kind for kind in OF_CODEX if kind.list_name in run.kinds or not run.kinds)


def includes_companies(run: SyncRun) -> bool:
    """Whether this run creates, changes and archives companies themselves."""
    return not run.kinds or COMPANIES.list_name in run.kinds


def asked_for(commands: Sequence[str], kinds: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The runs that a form asks for, as (command, kinds). Raises ValueError, which says what the form must send."""
    if kinds and not commands:
        if any(kind not in CHOICES for kind in kinds):
            raise ValueError(f"kind must be one of {', '.join(CHOICES)}.")
        return runs_for(kinds)
    if kinds or not commands or any(command not in SyncRun.Command.values for command in commands):
        raise ValueError("Give kind, or command: sync_codex or sync_tickets.")
    return [(command, []) for command in commands]


def runs_for(kinds: Iterable[str]) -> list[tuple[str, list[str]]]:
    """The runs that sync these kinds of CHOICES, as (command, kinds), in the order in which they must run."""
    wanted = set(kinds)
    if ALL in wanted or wanted == set(CHOICES) - {ALL}:
        return [(SyncRun.Command.CODEX.value, []), (SyncRun.Command.TICKETS.value, [])]
    of_codex = [name for name in CODEX_CHOICES if name in wanted]
    runs = [(SyncRun.Command.CODEX.value, [] if len(of_codex) == len(CODEX_CHOICES) else of_codex)] if of_codex else []
    return runs + ([(SyncRun.Command.TICKETS.value, [])] if TICKETS.list_name in wanted else [])


def live_companies() -> list[tuple[str, str]]:
    """(account number, name) of the synced companies that are not archived, by name. Raises GraphUnavailable."""
    live = [node for node in existing.companies() if node.synced and not node.archived]
    return sorted(((Key.parse(node.key).account, node.name) for node in live), key=lambda pair: folded(pair[1]))


def accounts_of(texts: Sequence[str]) -> list[str]:
    """Resolve account numbers and names of companies in the tree to account numbers, without duplicates.

    A text that is neither is returned as it is; Codex then reports an unknown company. Raises GraphUnavailable.
    """
    written = [text for text in dict.fromkeys(text.strip() for text in texts) if text]
    if not written:
        return []
    companies = live_companies()
    known = {account for account, _ in companies}
    by_name: dict[str, list[str]] = {}
    for account, name in companies:
        by_name.setdefault(folded(name), []).append(account)
    found: dict[str, None] = {}
    for text in written:
        named = by_name.get(folded(text), [])
        found[named[0] if text not in known and len(named) == 1 else text] = None
    return list(found)
