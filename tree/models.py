"""The kinds of node: labels, properties and relations (the schema itself is made by ``schema.py``).

    (:ContextItem:Folder {id: "root"})-[:PARENT_OF]->(:ContextItem:Folder)-[:PARENT_OF]->(:ContextItem:Company)…

Every node of the tree has the label ContextItem and one label of its kind. ``uid`` is the Python name of the
property ``id``, which neomodel keeps for itself. Times are ISO 8601 texts in UTC, as Codex writes them.
Pages and the sync use plain Cypher; these classes serve the Django admin and code that wants objects.
"""

from typing import Any

from neomodel import (
    ArrayProperty,
    BooleanProperty,
    FloatProperty,
    IntegerProperty,
    RelationshipFrom,
    RelationshipTo,
    StringProperty,
    StructuredRel,
)

from tree.graph.django_node import GraphNode, GraphNodes

ROOT_ID = "root"
COMPANIES_ID = "root_Companies"  # the id that the old application gave it
WAITING_ID = "waiting"  # the folder for imported notes whose record of Codex is not here yet
KINDS = ("Folder", "Company", "User", "Asset", "Ticket", "Note")

LINK_EVIDENCE = "link in the text"  # of relations that staff make by writing

ORIGIN_SYSTEM = "system"
ORIGIN_CODEX = "codex"
ORIGIN_STAFF = "staff"
ORIGINS = {ORIGIN_SYSTEM: "System", ORIGIN_CODEX: "Codex", ORIGIN_STAFF: "Staff"}


class Evidence(StructuredRel):
    """How we know of a relation beside the tree, for example ``requester e-mail``."""

    evidence = StringProperty()


class ContextItem(GraphNode):
    """Any node of the tree. The label is the old application's, so that its users' Cypher goes on working."""

    uid = StringProperty(db_property="id", unique_index=True, required=True, label="id")
    name = StringProperty(required=True)
    content = StringProperty()
    origin = StringProperty(choices=ORIGINS)
    parent_id = StringProperty()
    sibling_key = StringProperty(unique_index=True)
    sort_key = StringProperty()
    is_folder = BooleanProperty()
    is_attached = BooleanProperty()
    read_only = BooleanProperty()
    version = IntegerProperty()
    created_at = StringProperty()
    created_by = StringProperty()
    updated_at = StringProperty()
    updated_by = StringProperty()
    codex_key = StringProperty(unique_index=True)
    fingerprint = StringProperty()
    checksum = StringProperty()
    archived_at = StringProperty()
    archived_with = StringProperty()
    trashed_at = StringProperty()
    trashed_by = StringProperty()
    trashed_with = StringProperty()

    parent = RelationshipFrom("ContextItem", "PARENT_OF")
    children = RelationshipTo("ContextItem", "PARENT_OF")
    links = RelationshipTo("ContextItem", "LINKS_TO", model=Evidence)
    mentions = RelationshipTo("ContextItem", "MENTIONS", model=Evidence)

    class Meta:
        app_label = "tree"
        verbose_name = "node"

    def __str__(self) -> str:
        return str(self.name)

    @classmethod
    def kind(cls) -> str:
        """The label of this kind."""
        return cls.__name__


class Folder(ContextItem):
    """The root, ``Companies``, the folders of a company, and staff folders."""

    class Meta:
        app_label = "tree"


class Company(ContextItem):
    """A client. Key ``company:<account number>``."""

    account_number = StringProperty()
    description = StringProperty()
    compliance_level = StringProperty()
    billing_plan = StringProperty()
    contract_term_length = StringProperty()
    contract_start_date = StringProperty()
    contract_end_date = StringProperty()
    support_level = StringProperty()
    profit_or_non_profit = StringProperty()
    company_main_number = StringProperty()
    company_start_date = StringProperty()
    domains = ArrayProperty(StringProperty())
    phone_system = StringProperty()
    email_system = StringProperty()

    class Meta:
        app_label = "tree"
        verbose_name_plural = "companies"


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


class Asset(ContextItem):
    """A computer. Key ``asset:<id>``."""

    codex_id = IntegerProperty()
    account_number = StringProperty()
    hostname = StringProperty()
    hardware_type = StringProperty()
    operating_system = StringProperty()
    device_type = StringProperty()
    last_logged_in_user = StringProperty()
    antivirus_product = StringProperty()
    ext_ip_address = StringProperty()
    int_ip_address = StringProperty()
    domain = StringProperty()
    online = BooleanProperty()
    last_seen = StringProperty()
    backup_usage_tb = FloatProperty()
    backup_data_bytes = IntegerProperty()
    user_key = StringProperty()

    used_by = RelationshipTo("User", "USED_BY", model=Evidence)

    class Meta:
        app_label = "tree"


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


class Note(ContextItem):
    """Markdown: what staff write, and the synced ``Contact.md``."""

    class Meta:
        app_label = "tree"


NODE_CLASSES: tuple[Any, ...] = (Folder, Company, User, Asset, Ticket, Note)
for _node_class in NODE_CLASSES:
    _node_class._default_manager = GraphNodes(_node_class)  # neomodel's metaclass would overwrite it
