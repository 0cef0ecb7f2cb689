"""Defines the base class of the kinds of record; each kind has a module in this package."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct, json, structs

from syncing.kinds.bodies.pictures import row_without_pictures
from syncing.kinds.declaration.desired import Desired, Links, fingerprint
from syncing.kinds.declaration.people_and_computers import Computers, People

Record = TypeVar("Record", bound=Struct)


class Directory(Protocol):
    """The people and computers that the records of one company can refer to."""

    @property
    def people(self) -> People:
        """The current people."""

    @property
    def everybody(self) -> People:
        """The current people, and those who have left unless a current person has the same address or login."""

    @property
    def computers(self) -> Computers:
        """The current computers, and removed ones unless a current computer has the same hostname."""


class Kind(ABC, Generic[Record]):
    """How one kind of record is read from Codex, and which nodes and links it becomes.

    ``record``: its type; the first field is Codex's id. ``label``: the class of its node in ``tree.kinds``.
    ``list_name``: the name of its list in responses of Codex and in ``--kind``. ``title``: the name of that list on
    pages. ``folder``: the folder of a company that holds the nodes, as (part of the company's key, name).
    ``is_unique``: Codex's id is unique across all companies, so a record may move to another company. ``parts``: the
    nodes below the record's node that have no record of their own, as {part of the key: kind of node}. ``sections``:
    the headings in ``document`` of those of Codex's fields that are nothing but text, by the field's name. ``bodies``:
    the fields that hold the body of a mail or another long text; ``messages``: those that are lists of records with a
    ``body``.
    """

    record: type[Record]
    label: str
    list_name: str
    title: str
    folder: tuple[str, str]
    is_unique = True
    parts: Mapping[str, str] = {}
    sections: Mapping[str, str] = {}
    bodies: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of a record of this kind in refusals."""
        return self.record.__name__

    @abstractmethod
    def key(self, account: str, codex_id: object) -> str:
        """The key of the node for the record with this id."""

    @abstractmethod
    def node_name(self, record: Record) -> str:
        """The name of the node, before namesakes get a suffix."""

    @abstractmethod
    def document(self, record: Record) -> str:
        """The node's text, in Markdown."""

    def links(self, record: Record, directory: Directory) -> Links:
        """The key or keys of the related nodes, for each property that declares a ``Link``."""
        return {}

    def tidied(self, row: Any) -> Any:
        """A row of Codex without the pictures in its texts; the row itself if it has none. ``row`` is not changed."""
        return row_without_pictures(row, self.bodies, self.messages)

    def hint(self, record: Record) -> str:
        """The suffix that tells namesakes apart in a way people understand."""
        return str(self.codex_id(record))

    def below(self, node: Desired) -> list[Desired]:
        """The nodes below this node that have no record of their own, one for each of ``parts``."""
        return []

    def properties(self, record: Record, node: Desired, account: str) -> dict[str, Any]:
        """The properties of one of the record's nodes."""
        return self.fields(record, account) | node.links | {"content": self.document(record)}

    def fields(self, record: Record, account: str) -> dict[str, Any]:
        """The record's fields with their names in Codex, except the id, which becomes ``codex_id``."""
        facts = structs.asdict(record)
        facts["codex_id"] = facts.pop(self._id_field)
        facts["account_number"] = account
        return facts

    def remembered(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
        """The properties that the record's node keeps of those it had, because Codex forgets them."""
        return {}

    def codex_id(self, record: Record) -> Any:
        return getattr(record, self._id_field)

    def nodes(self, account: str, record: Record, encoded: bytes, directory: Directory) -> list[Desired]:
        """The record's node, then the nodes below it. ``encoded``: the record's canonical JSON."""
        codex_id = self.codex_id(record)
        links = self.links(record, directory)
        node = Desired(
            key=self.key(account, codex_id),
            kind=self.label,
            name=self.node_name(record),
            fingerprint=fingerprint(encoded, links.values()),
            record=self.name,
            encoded=encoded,
            links=links,
            hint=self.hint(record),
            number=str(codex_id),
        )
        return [node, *self.below(node)]

    def rendered(self, node: Desired, account: str) -> dict[str, Any]:
        """The properties of a node of this kind, rendered from its record."""
        return self.properties(self._decoder.decode(node.encoded), node, account)

    @cached_property
    def _decoder(self) -> "json.Decoder[Record]":
        return json.Decoder(self.record)

    @cached_property
    def _id_field(self) -> str:
        return self.record.__struct_fields__[0]
