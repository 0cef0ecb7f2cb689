"""Users: the contacts at the companies."""

from neomodel import ArrayProperty, BooleanProperty, IntegerProperty, RelationshipFrom, StringProperty

from tree.kinds.base import ContextItem, Evidence


class User(ContextItem):
    """A contact at one company. Key ``user:<account number>:<contact id>``."""

    codex_id = IntegerProperty()
    account_number = StringProperty()
    email = StringProperty()
    secondary_emails = ArrayProperty(StringProperty())
    title = StringProperty()
    employment_type = StringProperty()
    active = BooleanProperty()
    mobile_phone_number = StringProperty()
    work_phone_number = StringProperty()

    requested = RelationshipFrom("Ticket", "REQUESTED_BY", model=Evidence)
    uses = RelationshipFrom("Asset", "USED_BY", model=Evidence)

    class Meta:
        app_label = "tree"
