"""Takes out of what was gathered what the compliance level of a company withholds from the reader."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from tree.context.candidates import Candidate, Gathered
from tree.queries.texts.context import Block

# For some nodes, by id: the names of the properties that are withheld, or None if the node is withheld as a whole.
Hidden = Callable[[Sequence[Block]], Mapping[str, frozenset[str] | None]]


def disclosed(gathered: Gathered, hidden: Hidden) -> Gathered:
    """What the reader may be told. Of nodes that are withheld as a whole it only says that there are some."""
    candidates = [candidate for found in gathered.sections.values() for candidate in found]
    names = hidden([*gathered.targets, *(candidate.block for candidate in candidates)])
    targets = tuple(_told(gathered.targets, names))
    sections = {section: list(_told_candidates(found, names)) for section, found in gathered.sections.items()}
    return replace(gathered, targets=targets, sections=sections, is_withheld=None in names.values())


def _told(blocks: Iterable[Block], names: Mapping[str, frozenset[str] | None]) -> Iterable[Block]:
    for block in blocks:
        withheld = names.get(block.uid, frozenset())
        if withheld is not None:
            yield _without(block, withheld)


def _told_candidates(found: Iterable[Candidate], names: Mapping[str, frozenset[str] | None]) -> Iterable[Candidate]:
    for candidate in found:
        for block in _told([candidate.block], names):
            yield replace(candidate, block=block)


def _without(block: Block, withheld: frozenset[str]) -> Block:
    had = tuple(sorted(name for name in withheld if block.properties.get(name)))
    kept = {name: value for name, value in block.properties.items() if name not in withheld}
    return replace(block, properties=kept, withheld=had) if had else block
