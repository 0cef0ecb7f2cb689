"""What one kind of record says of itself; each kind has a file beside this one."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct, json, structs

from syncing.kinds.desired import Desired, Links, fingerprint
from syncing.kinds.directory import Computers, People

Record = TypeVar("Record", bound=Struct)


class Directory(Protocol):
    """Whom and what the texts of one company's records mean."""

    @property
    def people(self) -> People:
        """Those who are there."""

    @property
    def everybody(self) -> People:
        """Also those who left, where nobody who is there has the address or login."""

    @property
    def computers(self) -> Computers:
        """Also those that left, where none that is there has the hostname."""


class Kind(ABC, Generic[Record]):
    """How one kind of record is read from Codex, and which nodes and links it becomes.

    ``record``: its type; the first field is Codex's id. ``label``: the class of its node in ``tree.kinds``.
    ``list_name``: its list in the answers of Codex, and in ``--kind``. ``title``: what pages call that list.
    ``folder``: the folder of a company that holds the nodes, as (part of the company's key, name). ``is_unique``:
    Codex's id is unique over all companies, so a record may move to another. ``parts``: what hangs below the node
    without a record of its own, as {part of the key: kind of node}.
    """

    record: type[Record]
    label: str
    list_name: str
    title: str
    folder: tuple[str, str]
    is_unique = True
    parts: Mapping[str, str] = {}

    @property
    def name(self) -> str:
        """What refusals call a record of this kind."""
        return self.record.__name__

    @abstractmethod
    def key(self, account: str, codex_id: object) -> str:
        """The key of the node of the record with this id."""

    @abstractmethod
    def node_name(self, record: Record) -> str:
        """What the node is called, before namesakes are told apart."""

    @abstractmethod
    def document(self, record: Record) -> str:
        """The node's text, in Markdown."""

    def links(self, record: Record, directory: Directory) -> Links:
        """For each property that relates the node to others, their key or keys (``tree.kinds.links``)."""
        return {}

    def hint(self, record: Record) -> str:
        """What tells namesakes apart, for people."""
        return str(self.codex_id(record))

    def below(self, node: Desired) -> list[Desired]:
        """What hangs below the node without a record of its own: a node for each of ``parts``."""
        return []

    def properties(self, record: Record, node: Desired, account: str) -> dict[str, Any]:
        """The properties of one of the record's nodes."""
        return self.fields(record, account) | node.links | {"content": self.document(record)}

    def fields(self, record: Record, account: str) -> dict[str, Any]:
        """The record's fields under Codex's names, but for its id."""
        facts = structs.asdict(record)
        facts["codex_id"] = facts.pop(self._id_field)
        facts["account_number"] = account
        return facts

    def codex_id(self, record: Record) -> Any:
        return getattr(record, self._id_field)

    def nodes(self, account: str, record: Record, encoded: bytes, directory: Directory) -> list[Desired]:
        """The record's node, then what hangs below it. ``encoded``: the record's canonical JSON."""
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
        """The properties of a node that this kind has made."""
        return self.properties(self._decoder.decode(node.encoded), node, account)

    @cached_property
    def _decoder(self) -> "json.Decoder[Record]":
        return json.Decoder(self.record)

    @cached_property
    def _id_field(self) -> str:
        return self.record.__struct_fields__[0]
