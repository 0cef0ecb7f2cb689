"""A base class for nodes that makes django-neomodel 0.2.0 work with Django 5.

The stock DjangoNode shares one ``_meta`` between a class and all its subclasses, writes a random ``pk`` into the
database and has no hash, and its queryset does not understand Django's own Q objects, so every list of the admin
fails. Each workaround is explained where it is made.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db.models import Q as DjangoQ
from django.db.models.fields import BLANK_CHOICE_DASH
from django.db.models.options import Options
from django_neomodel import DjangoField, DjangoNode, NeoManager, NeoNodeSet
from neomodel import Q as NeoQ
from neomodel.sync_.match import process_filter_args

PRIMARY = "uid"  # the property that Django uses as the primary key of every node class


class GraphField(DjangoField):
    """A neomodel property with the interface that admin forms expect of a field: choices as pairs, and a type."""

    null = is_relation = many_to_many = one_to_many = False
    rel = remote_field = None
    empty_strings_allowed = True
    empty_values = (None, "")

    def __init__(self, prop: Any, name: str) -> None:
        super().__init__(prop, name)
        self.remote_field = None
        self.primary_key = name == PRIMARY
        self.verbose_name = (prop.db_property or name).replace("_", " ")  # the stored name, not a display name
        choices = getattr(prop, "choices", None)  # only some property types have choices
        self.choices = list(choices.items()) if choices else None
        self.flatchoices = self.choices or []
        self.editable = not self.primary_key

    def get_choices(self, include_blank: bool = True, blank_choice: Any = BLANK_CHOICE_DASH, **_: Any) -> list[Any]:
        return (list(blank_choice) if include_blank else []) + list(self.choices or [])

    def get_internal_type(self) -> str:
        return "CharField"

    def get_default(self) -> Any:
        return self.prop.default_value() if self.prop.has_default else None


class _OptionsOfEachClass:
    """Creates ``_meta`` once for each class; it is never inherited."""

    def __get__(self, instance: Any, owner: Any) -> "Options[Any]":
        options: Options[Any] | None = owner.__dict__.get("_graph_options")
        if options is None:
            options = Options(owner.Meta, app_label=owner.Meta.app_label)
            options.contribute_to_class(owner, owner.__name__)
            del owner._meta  # contribute_to_class put it there, where subclasses would find it
            owner._graph_options = options
            for name, prop in owner.defined_properties(aliases=False, rels=False).items():
                options.add_field(GraphField(prop, name))
        return options


class _AdminQuery:
    """The few attributes of a Django query that the admin looks at."""

    select_related = False
    distinct = False
    order_by: tuple[str, ...] = ()


class GraphNodeSet(NeoNodeSet):
    """A queryset that understands Django's Q objects and ``pk``."""

    def __init__(self, source: Any) -> None:
        super().__init__(source)
        self.query = _AdminQuery()
        self.db = "default"

    def filter(self, *conditions: Any, **lookups: Any) -> Any:
        translated = [_neo_q(c) if isinstance(c, DjangoQ) else c for c in conditions]
        translated = [condition for condition in translated if len(condition.children)]
        if "pk__in" in lookups:
            lookups[f"{self.model._meta.pk.name}__in"] = list(lookups.pop("pk__in"))
        if not (translated or lookups):
            return self
        for name, value in [*_leaves(translated), *lookups.items()]:
            self._check(name, value)
        return super().filter(*translated, **lookups)

    def __getitem__(self, key: Any) -> Any:
        """Slicing returns a new queryset, as in Django. neomodel would slice this one, which is evaluated again."""
        return super(GraphNodeSet, copy(self)).__getitem__(key)

    def _check(self, name: str, value: Any) -> None:
        """Raises FieldError, as the admin expects; neomodel would reject the lookup only when it fetches the rows."""
        try:
            process_filter_args(self.source_class, {name: value})
        except (ValueError, KeyError) as error:
            raise FieldError(f"{self.source_class.__name__} cannot be filtered by {name}.") from error

    def order_by(self, *names: str) -> Any:
        """The last call wins, as in Django. neomodel would append to the earlier ones."""
        primary = self.model._meta.pk.name
        self.order_by_elements: list[str] = []
        return super().order_by(*(n.replace("pk", primary) if n in ("pk", "-pk") else n for n in names))

    def _clone(self) -> Any:
        return self

    def using(self, alias: str) -> Any:
        return self


class GraphNodes(NeoManager):
    """The ``_default_manager`` of node classes."""

    def get_queryset(self) -> GraphNodeSet:
        return GraphNodeSet(self.model)

    def using(self, alias: str) -> GraphNodeSet:
        return self.get_queryset()


class GraphNode(DjangoNode):
    """Abstract base of our node classes."""

    __abstract_node__ = True
    _meta = _OptionsOfEachClass()

    class DjangoMeta: ...

    @property
    def pk(self) -> str:
        return str(getattr(self, self._meta.pk.name))

    def __hash__(self) -> int:
        return hash((type(self), self.element_id or id(self)))

    def full_clean(self, exclude: Any = None, validate_unique: bool = True, **_: Any) -> None:
        super().full_clean(exclude or [])

    def validate_unique(self, exclude: Any = None) -> None:
        for name, prop in self.defined_properties(aliases=False, rels=False).items():
            value = getattr(self, name)
            if not prop.unique_index or name in (exclude or []) or value is None:
                continue
            twin = type(self).nodes.get_or_none(**{name: value})
            if twin and twin.element_id != self.element_id:
                raise ValidationError({name: "Another node has this value already."})

    def serializable_value(self, name: str) -> Any:
        return getattr(self, name)


def _leaves(conditions: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The (lookup, value) pairs of nested Q objects."""
    for condition in conditions:
        if isinstance(condition, NeoQ):
            yield from _leaves(condition.children)
        else:
            yield condition


def _neo_q(condition: DjangoQ) -> Any:
    translated = NeoQ(_connector=condition.connector, _negated=condition.negated)
    translated.children = [_neo_q(c) if isinstance(c, DjangoQ) else c for c in condition.children]
    return translated
