"""The base class of all kinds of node."""

from functools import cache
from typing import ClassVar

from neomodel import RelationshipFrom, RelationshipTo, StringProperty, StructuredRel

from tree.kinds.declaration.about import About
from tree.kinds.declaration.django_node import GraphNode
from tree.kinds.declaration.fields import Field, Flag, Key, Number, Text, Time
from tree.kinds.declaration.link import Link
from tree.kinds.declaration.listing import FilterBy
from tree.vocabulary import ORIGINS


class Evidence(StructuredRel):
    """The evidence for a relation outside the tree structure, for example ``requester e-mail``."""

    evidence = StringProperty()


class ContextItem(GraphNode):
    """Any node of the tree. The label is the old application's, so that existing Cypher queries keep working."""

    about: ClassVar[About]
    links: ClassVar[tuple[Link, ...]] = ()

    uid = Key(db_property="id", unique_index=True, required=True, listed=True)
    name = Text(required=True, searched=True, listed=True)
    content = Text(searched=True)
    origin = Text(choices=ORIGINS, listed=True)
    parent_id = Key()
    sibling_key = Text(unique_index=True)
    sort_key = Text()
    is_folder = Flag()
    is_attached = Flag(listed=True)
    read_only = Flag()
    version = Number()
    created_at = Time()
    created_by = Text()
    updated_at = Time(listed=True, column="updated", filtered=FilterBy.TIME)
    updated_by = Text(listed=True, column="changed by", filtered=FilterBy.CHOICE)
    codex_key = Key(unique_index=True)
    fingerprint = Text()
    checksum = Text()
    search_keys = Text()
    search_scope = Text()
    archived_at = Time(listed=True, column="archived")
    archived_with = Key()
    trashed_at = Time(listed=True)
    trashed_by = Text()
    trashed_with = Key()

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

    @classmethod
    @cache
    def fields(cls) -> dict[str, Field]:
        """The properties by their names in the graph, in declaration order; those common to all kinds come first."""
        declared = cls.defined_properties(aliases=False, rels=False)
        return {prop.db_property or name: prop for name, prop in declared.items()}
