"""Defines locations, the offices of a company."""

from msgspec import Struct

from syncing.kinds.declaration.documents import facts_document
from syncing.kinds.declaration.kind import Kind
from syncing.kinds.declaration.names import clean_name
from syncing.kinds.declaration.validation import CodexId, Line, Name
from tree.text.escaping import escaped

_NAME_CHARACTERS = 200  # the part of an address that serves as the name of a location without one


class Location(Struct, kw_only=True, gc=False):
    """``GET /api/companies/<account>/locations``. A location may have no name."""

    id: CodexId
    name: Name | None = None
    address: Line | None = None
    phone_number: Line | None = None


class Locations(Kind[Location]):
    record = Location
    label = "Location"
    list_name = "locations"
    title = "Locations"
    folder = ("locations", "Locations")

    def key(self, account: str, codex_id: object) -> str:
        return f"location:{codex_id}"

    def node_name(self, record: Location) -> str:
        return f"{clean_name(record.name or (record.address or '')[:_NAME_CHARACTERS])}.md"

    def document(self, record: Location) -> str:
        """The location's facts, with one line for each fact that Codex has."""
        facts = (("Address", record.address), ("Phone", record.phone_number))
        return facts_document(f"Location: {escaped(record.name or record.address or '(without a name)')}", facts)
