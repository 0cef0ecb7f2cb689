"""Tickets."""

from neomodel import ArrayProperty, FloatProperty, IntegerProperty, RelationshipTo, StringProperty

from tree.kinds.base import ContextItem, Evidence
from tree.kinds.links import Link


class Ticket(ContextItem):
    """A support ticket. Key ``ticket:<id>``."""

    links = (
        Link("REQUESTED_BY", to="User", via="requester_key", evidence="requester e-mail"),
        Link("LINKS_TO", to="Folder", via="requester_key", part=":tickets", incoming=True, evidence="requester e-mail"),
        Link("MENTIONS", to="Asset", via="mentioned_keys", evidence="hostname in the text"),
        Link("MENTIONS", to="User", via="mentioned_keys", evidence="wrote in the conversation"),
    )

    codex_id = IntegerProperty()
    account_number = StringProperty()
    ticket_number = StringProperty()
    subject = StringProperty()
    status = StringProperty()
    priority = StringProperty()
    requester_name = StringProperty()
    requester_email = StringProperty()
    opened_at = StringProperty()
    last_updated_at = StringProperty()
    closed_at = StringProperty()
    total_hours_spent = FloatProperty()
    requester_key = StringProperty()
    mentioned_keys = ArrayProperty(StringProperty())

    requested_by = RelationshipTo("User", "REQUESTED_BY", model=Evidence)

    class Meta:
        app_label = "tree"
