"""Locations: the offices of a company."""

from tree.kinds.declaration.about import About
from tree.kinds.declaration.base import ContextItem
from tree.kinds.declaration.fields import Code, Number, Phone, Text
from tree.kinds.declaration.listing import Listing


class Location(ContextItem):
    """An office. Key ``location:<id>``."""

    about = About(
        singular="Location",
        plural="Locations",
        icon="map-pin",
        what="an office, named `<name>.md`",
        key="`location:<id>`",
        is_record=True,
        folder="locations",
        text_is_facts=True,
        variables={"name": "name", "address": "address", "phone": "phone_number"},
        summary=("address", "phone_number"),
        columns=("name", "address", "phone_number", "account_number", "archived_at", "updated_at"),
        listing=Listing(columns=("address", "phone_number")),
    )

    address = Text("Address", searched=True, listed=True)
    phone_number = Phone("Phone", searched=True, listed=True)
    account_number = Code("Account", searched=True, listed=True)
    codex_id = Number()

    class Meta:
        app_label = "tree"
