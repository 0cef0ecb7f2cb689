"""A context pack for whoever sends a request: with their rights, without what compliance levels withhold."""

from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpRequest

from knowledgetree.accounts.rights.reader_of import reader_of
from knowledgetree.basics.rights.reader import Reader
from knowledgetree.basics.rights.withholding import Withheld
from tree import audited
from tree.api.compliance import Disclosure, levels_of, withheld_from
from tree.context.pack import DEFAULT_BUDGET, Pack, build
from tree.queries.texts.context import Block


def pack_for(
    request: HttpRequest,
    ids: Sequence[str],
    *,
    budget: int = DEFAULT_BUDGET,
    question: str = "",
    excluded: Iterable[str] = (),
) -> Pack:
    """The pack; the audit log is told what is in it. Raises like ``tree.context.pack.build``."""
    reader, withheld = reader_of(request), withheld_from(request)
    return pack_of(ids, reader, withheld, budget=budget, question=question, excluded=excluded)


def pack_of(
    ids: Sequence[str],
    reader: Reader,
    withheld: Withheld,
    *,
    budget: int = DEFAULT_BUDGET,
    question: str = "",
    excluded: Iterable[str] = (),
) -> Pack:
    """The same for a reader from whom this is withheld, by level."""

    def hidden(blocks: Sequence[Block]) -> Mapping[str, frozenset[str] | None]:
        disclosure = Disclosure(levels_of(crumb for block in blocks for crumb in block.path), withheld)
        return {
            block.uid: None if disclosure.hides(block.path) else disclosure.hidden_keys(block.path) for block in blocks
        }

    pack = build(ids, reader, budget=budget, question=question, excluded=excluded, hidden=hidden if withheld else None)
    audited.note_pack(pack)
    return pack
