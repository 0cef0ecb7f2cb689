"""Makes proposals."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from knowledgetree.accounts.acting import Acting, now_acting
from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from knowledgetree.basics.rights.reader import EVERYTHING, Reader
from tree import queries
from tree.audited import client_above
from tree.exceptions import NodeNotFound, Refused
from tree.graph.validation import checked_name, checked_text
from tree.graph.values import Node
from tree.kinds import Note
from tree.kinds.titles import stored_name
from tree.models import Proposal, State

MOST_OPEN = 100  # of one token; people have to read them


class Unusable(Refused):
    """What is proposed cannot be accepted as it is. ``field`` names what is wrong."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


@dataclass(frozen=True)
class Draft:
    """What an assistant proposes for a node: a new note below it, if there is a ``name``; else a new text for it."""

    text: str
    reason: str
    assistant: str
    name: str = ""
    base_version: int | None = None
    key: str = ""


def propose(node: Node, draft: Draft, *, account: Any = None, reader: Reader = EVERYTHING) -> tuple[Proposal, bool]:
    """Make a proposal for this node, which its maker may read. Returns it, and whether it had been made already.

    Raises Refused, in words that name the field, for what could not be accepted.
    """
    if not queries.get_placed([node.uid], reader=reader):
        raise NodeNotFound("It is only the way to what this caller may read.")
    acting = now_acting()
    wanted = _new_note(node, draft) if draft.name else _new_text(node, draft, reader)
    wanted |= {"reason": _said(draft.reason, "reason", 2000), "assistant": _said(draft.assistant, "assistant", 100)}
    if known := _known(acting, draft.key):
        return _same(known, wanted), True
    if wanted["parent_id"]:
        _require_free(node, wanted["name"], reader)
    if Proposal.objects.filter(**_maker(acting), state=State.OPEN).count() >= MOST_OPEN:
        raise Refused(f"{MOST_OPEN} proposals of yours are open. Wait until people have decided on some.")
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                **wanted, **_maker(acting), way=acting.way.value, key=draft.key, account=account
            )
    except IntegrityError:  # the same call at the same moment
        if known := _known(acting, draft.key):
            return _same(known, wanted), True
        raise
    nodes = [node.uid]
    log.record(Action.PROPOSED, nodes=nodes, company=client_above(node.path), detail=f"proposal {made.pk}")
    return made, False


def _new_note(parent: Node, draft: Draft) -> dict[str, Any]:
    if draft.base_version is not None:
        raise Unusable(
            "base_version", "a new note has none; leave it out, or leave out name to change the node's text."
        )
    return {
        "node_id": str(uuid.uuid4()),
        "parent_id": parent.uid,
        "name": stored_name(Note.kind(), checked_name(draft.name), ""),
        "text": _text(draft.text),
        "base_version": None,
    }


def _new_text(node: Node, draft: Draft, reader: Reader) -> dict[str, Any]:
    if node.read_only_reason or node.kind != Note.kind():
        why = node.read_only_reason or f"“{node.title}” is no note."
        raise Unusable("id", f"{why} To propose a new note below it, give a name.")
    version = node.version
    if draft.base_version is None:
        raise Unusable("base_version", f"give the version that the text is based on; fetch tells it (now {version}).")
    try:
        base = queries.get_revision(node.uid, draft.base_version, reader=reader)
    except NodeNotFound as error:
        raise Unusable(
            "base_version", f"“{node.title}” has no version {draft.base_version} (now {version})."
        ) from error
    text = _text(draft.text)
    if text == base.content:
        raise Unusable("text", "it is the text of this version; nothing would change.")
    return {
        "node_id": node.uid, "parent_id": "", "name": node.name, "text": text, "base_version": draft.base_version,
    }  # fmt: skip


def _text(typed: str) -> str:
    text = checked_text(typed)
    if not text.strip():
        raise Unusable("text", "it is empty.")
    return text


def _said(typed: str, field: str, most: int) -> str:
    said = checked_text(typed).strip()
    if not said:
        raise Unusable(field, "it is empty.")
    return said[:most]


def _require_free(parent: Node, name: str, reader: Reader) -> None:
    if taken := queries.find_children_by_name(parent.uid, [name], reader=reader).get(name):
        why = f"“{name}” is there already (id {taken}). Propose a new text for it, or another name."
        raise Unusable("name", why)


def _maker(acting: Acting) -> dict[str, str]:
    return {"made_by": acting.name, "through": acting.through[:255]}


def _known(acting: Acting, key: str) -> Proposal | None:
    return Proposal.objects.filter(**_maker(acting), key=key).first() if key else None


def _same(known: Proposal, wanted: dict[str, Any]) -> Proposal:
    """The proposal of an earlier call with this key. Raises Unusable if that one was another."""
    names = (
        ("parent_id", "name", "text", "base_version") if wanted["parent_id"] else ("node_id", "text", "base_version")
    )
    if any(getattr(known, name) != wanted[name] for name in names):
        raise Unusable("idempotency_key", f"proposal {known.pk} was made with it, and says something else.")
    return known
