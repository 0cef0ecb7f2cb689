"""The context of a node as the old application wrote it, one Markdown text: ``pack`` is all that the routes know of it.

Along the path from the root, each node has a heading and the articles that lie directly in it; then come the articles
of attached folders, and at the end the names of the node's files. A text of at most MOST_CHARACTERS is made: the node's
own text is taken first, then what staff wrote, the nearest first, then the rest; what did not fit is counted. What
customers wrote, which is all of a ticket's text, stands in the fence of ``tree.context``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tree.api.compliance import Disclosure
from tree.audited import note_handed_out
from tree.context.customers import LEGEND, fenced
from tree.graph.values import Crumb, File, Node
from tree.kinds import FOLDER_KINDS, Ticket
from tree.queries.texts.path_texts import LONGEST, Article, AttachedFolder, Section
from tree.vocabulary import ROOT_ID

MOST_CHARACTERS = 200_000
EMPTY = "> No content."
WITHHELD = "> Withheld, because of the compliance level of the company."
CUT = "> The rest of this text is left out: it is too long."


@dataclass(frozen=True)
class Packed:
    """The text, the ids of the nodes whose texts are withheld, and how many articles did not fit."""

    text: str
    withheld: list[str]
    left_out: int


@dataclass
class _Block:
    """An article as it will stand in the text. ``rank``: lower ones are taken first."""

    way: Sequence[Crumb]
    place: int
    rank: tuple[int, int]
    text: str
    is_taken: bool = False


@dataclass
class _Pack:
    node: Node
    disclosure: Disclosure
    root_name: str
    blocks: list[_Block] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    has_customers: bool = False

    def add(self, place: int, article: Article, folder: str = "") -> None:
        if self.disclosure.hides(article.way):
            return
        last = article.way[-1]
        is_own = last.uid == self.node.uid
        away = len(self.node.path) - place
        rank = (0 if is_own else 1 if article.is_of_staff else 2, away)
        name = self.root_name if last.uid == ROOT_ID else last.name
        origin = f" (from attached folder: {folder})" if folder else ""
        self.blocks.append(_Block(article.way, place, rank, f"File: {name}{origin}\n\n{self._body(article)}"))

    def _body(self, article: Article) -> str:
        last = article.way[-1]
        if self.disclosure.hides_text(article.way):
            self.withheld.append(last.uid)
            return WITHHELD
        text = article.text.strip()
        if not text:
            return EMPTY
        cut = f"\n\n{CUT}" if len(article.text) >= LONGEST else ""
        if last.kind != Ticket.kind():
            return text + cut
        self.has_customers = True
        return fenced(text) + cut


def pack(
    node: Node,
    sections: Sequence[Section],
    attached: Sequence[AttachedFolder],
    files: Sequence[File],
    disclosure: Disclosure,
    root_name: str,
) -> Packed:
    """The context of this node. ``sections``: for each node of its path; ``disclosure`` says what is withheld."""
    made = _Pack(node, disclosure, root_name)
    for place, section in enumerate(sections):
        if section.own.way[-1].kind in FOLDER_KINDS and section.own.text.strip():
            made.add(place, section.own)
        for article in section.articles:
            made.add(place, article)
        for folder in attached:
            if folder.place == place:
                for article in folder.articles:
                    made.add(place, article, folder.name)
    _take(made.blocks)
    left_out = sum(section.left_out for section in sections) + sum(folder.left_out for folder in attached)
    left_out += sum(not block.is_taken for block in made.blocks)
    return Packed("\n\n".join(_parts(made, files, left_out)), made.withheld, left_out)


def _take(blocks: list[_Block]) -> None:
    """Take as many as fit, in the order of their ranks."""
    left = MOST_CHARACTERS
    for block in sorted(blocks, key=lambda block: block.rank):
        if len(block.text) <= left:
            block.is_taken = True
            note_handed_out(block.way)
            left -= len(block.text)


def _parts(made: _Pack, files: Sequence[File], left_out: int) -> Iterator[str]:
    if made.has_customers:
        yield LEGEND
    for place, crumb in enumerate(made.node.path):
        taken = [block.text for block in made.blocks if block.place == place and block.is_taken]
        if taken:
            yield f"{'#' * (place + 1)} Context: {_name(crumb, made.root_name)}"
            yield from taken
    if left_out:
        what = "text is" if left_out == 1 else "texts are"
        yield f"> {left_out:,} more {what} left out: the context would be too long."
    if files:
        yield f"## Attached Files for {_name(made.node.path[-1], made.root_name)}"
        yield "\n".join(f"- {file.name}" for file in files)


def _name(crumb: Crumb, root_name: str) -> str:
    return root_name if crumb.uid == ROOT_ID else crumb.name
