"""Tickets."""

from neomodel import RelationshipTo

from tree.kinds.declaration.about import About, Filter
from tree.kinds.declaration.base import ContextItem, Evidence
from tree.kinds.declaration.fields import Code, Email, Hours, Key, Keys, Number, Text, Time
from tree.kinds.declaration.link import Link
from tree.kinds.declaration.listing import FilterBy, Listing

STATUSES = ("open", "pending", "waiting_customer", "on_hold", "resolved", "closed")  # Codex's; vendors have more


class Ticket(ContextItem):
    """A support ticket. Key ``ticket:<id>``."""

    # Tickets have a full-text index of their own: their initial load then leaves all other kinds searchable and takes
    # a third less time to index, and a computer is not crowded out by the many tickets that contain its name. Because
    # tickets are many, a word is relatively rarer in their index than in the shared one, so Lucene scores it higher.
    # The weight compensates for that.
    about = About(
        singular="Ticket",
        plural="Tickets",
        icon="ticket",
        what="named `Ticket_<id>.md`",
        key="`ticket:<id>`",
        is_record=True,
        folder="tickets",
        variables={"number": "ticket_number", "subject": "subject"},
        titles=("#{ticket_number} {subject}", "#{ticket_number}", "{subject}", "#{codex_id}"),
        weight=0.7,
        search_index="ticket_text",
        called="subject",
        changed="latest_at",
        columns=("name", "subject", "status", "account_number", "last_updated_at", "archived_at"),
        filters=(Filter("status", "status", {status: status for status in STATUSES}),),
        listing=Listing(
            columns=("status", "priority", "requester_name", "opened_at", "last_updated_at"),
            order="-last_updated_at",
            states={
                "open": "Open",
                "active": "Open, not waiting",
                "waiting": "Waiting",
                "closed": "Closed",
            },
        ),
    )
    links = (
        Link("REQUESTED_BY", to="User", via="requester_key", evidence="requester e-mail"),
        Link("LINKS_TO", to="Folder", via="requester_key", part=":tickets", incoming=True, evidence="requester e-mail"),
        Link("MENTIONS", to="Asset", via="mentioned_keys", evidence="hostname in the text"),
        Link("MENTIONS", to="User", via="mentioned_keys", evidence="wrote in the conversation"),
    )

    ticket_number = Code("Number", searched=True, listed=True)
    status = Text("Status", listed=True, filtered=FilterBy.CHOICE)
    priority = Text("Priority", listed=True, filtered=FilterBy.CHOICE)
    requester_name = Text("Requester", searched=True, listed=True, filtered=FilterBy.WORDS)
    requester_email = Email("E-mail", searched=True)
    opened_at = Time("Opened", listed=True, indexed=True)
    last_updated_at = Time("Last change", listed=True, column="changed in Codex", sorted_by="latest_at")
    closed_at = Time("Closed", listed=True)
    latest_at = Time(indexed=True, uniform=True)  # the last change, or else the opening, in UTC
    total_hours_spent = Hours("Time spent")
    account_number = Code("Account", searched=True, listed=True)
    subject = Text(searched=True, listed=True)
    codex_id = Number(searched=True, listed=True)  # the title of a ticket without number and subject
    requester_key = Key()
    mentioned_keys = Keys()

    requested_by = RelationshipTo(".user.User", "REQUESTED_BY", model=Evidence)

    class Meta:
        app_label = "tree"
