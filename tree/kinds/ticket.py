"""Tickets."""

from neomodel import ArrayProperty, FloatProperty, IntegerProperty, RelationshipTo, StringProperty

from tree.kinds.base import ContextItem, Evidence


class Ticket(ContextItem):
    """A support ticket. Key ``ticket:<id>``."""

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
