"""Users: the contacts at the companies.

Codex and the sync call the same person a contact (``syncing/kinds/contact.py``).
"""

from neomodel import RelationshipFrom

from tree.kinds.declaration.about import About, Filter
from tree.kinds.declaration.base import ContextItem, Evidence
from tree.kinds.declaration.fields import Code, Email, Emails, Flag, Number, Phone, Text
from tree.kinds.declaration.listing import Listing


class User(ContextItem):
    """A contact at one company. Key ``user:<account number>:<contact id>``."""

    about = About(
        singular="Person",
        plural="People",
        icon="user",
        what="a contact at one company",
        key="`user:<acct>:<id>`",
        is_record=True,
        folder="users",
        variables={"name": "name", "email": "email"},
        shown_as_folder=True,
        weight=2.0,
        summary=("email", "title"),
        columns=("name", "email", "account_number", "active", "archived_at", "updated_at"),
        filters=(Filter("active", "employment", {True: "Active", False: "Inactive"}),),
        listing=Listing(columns=("email", "title", "work_phone_number", "mobile_phone_number", "active")),
    )

    email = Email("E-mail", searched=True, listed=True)
    mobile_phone_number = Phone("Mobile", searched=True)
    work_phone_number = Phone("Work phone", searched=True)
    title = Text("Title", searched=True, listed=True)
    active = Flag("Active", listed=True)
    employment_type = Text("Employment")
    secondary_emails = Emails("Other e-mails", searched=True)
    former_emails = Emails("Former e-mails")
    account_number = Code("Account", searched=True, listed=True)
    codex_id = Number()

    requested = RelationshipFrom(".ticket.Ticket", "REQUESTED_BY", model=Evidence)
    uses = RelationshipFrom(".asset.Asset", "USED_BY", model=Evidence)

    class Meta:
        app_label = "tree"
