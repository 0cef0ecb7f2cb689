"""What all kinds of node have in common."""

from neomodel import BooleanProperty, IntegerProperty, RelationshipFrom, RelationshipTo, StringProperty, StructuredRel

from tree.kinds.django_node import GraphNode
from tree.kinds.links import Link
from tree.vocabulary import ORIGINS


class Evidence(StructuredRel):
    """How we know of a relation beside the tree, for example ``requester e-mail``."""

    evidence = StringProperty()


class ContextItem(GraphNode):
    """Any node of the tree. The label is the old application's, so that its users' Cypher goes on working."""

    links: tuple[Link, ...] = ()

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
    linked = RelationshipTo("ContextItem", "LINKS_TO", model=Evidence)
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
