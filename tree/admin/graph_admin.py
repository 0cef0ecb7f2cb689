"""The base admin class for nodes of the graph (see also ``tree.kinds.declaration.django_node``).

Lists are paginated in Cypher (SKIP, LIMIT) and counted by Neo4j's count store. The search box uses the full-text
index, because ``icontains`` becomes a regular expression over every node. Nodes are read-only here.
"""

from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tree import queries
from tree.admin.read_only import ReadOnlyAdmin, time_column
from tree.kinds.declaration.about import Filter
from tree.kinds.declaration.fields import Field, Sort

SEARCH_RESULTS = 200


class GraphPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator that fetches only one page of a queryset."""

    def page(self, number: Any) -> Page:  # type: ignore[type-arg]
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        return Page(list(self.object_list[bottom : bottom + self.per_page]), number, self)


class ArchivedFilter(admin.SimpleListFilter):
    """Live nodes, archived nodes, or all."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "Live"), ("archived", "Archived"), ("trashed", "In the trash")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "live":
            return queryset.filter(archived_at__isnull=True, trashed_at__isnull=True)
        if self.value() == "archived":
            return queryset.filter(archived_at__isnull=False)
        if self.value() == "trashed":
            return queryset.filter(trashed_at__isnull=False)
        return queryset


def property_filter(declared: Filter) -> Any:
    """A filter of a list by one property, as its kind declares it."""
    values = {_in_address(value): value for value in declared.choices}
    labels = list(zip(values, declared.choices.values(), strict=True))

    class PropertyFilter(admin.SimpleListFilter):
        title = declared.title
        parameter_name = declared.property

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return labels

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            chosen = self.value()
            return queryset.filter(**{declared.property: values[chosen]}) if chosen in values else queryset

    return PropertyFilter


class NodeAdmin(ReadOnlyAdmin):
    """Nodes of one kind, with the columns and filters that the kind declares."""

    list_filter: Any = (ArchivedFilter,)
    list_per_page = 50
    paginator = GraphPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields: Any = ("name",)
    search_help_text = "Asks the full-text index; the best 200 are listed."
    ordering: Any = ("name",)
    actions: Any = ()

    def get_list_display(self, request: HttpRequest) -> Any:
        fields = self.model.fields()
        return [_column(name, fields[name]) for name in self.model.about.columns]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return (*self.list_filter, *(property_filter(declared) for declared in self.model.about.filters))

    def view_on_site(self, obj: Any) -> str:
        return reverse("node", args=[obj.uid])

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        return self.model.nodes.get_or_none(uid=object_id)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        hits = queries.search(search_term, kind=self.model.kind(), archived=True, limit=SEARCH_RESULTS).hits
        return queryset.filter(uid__in=[hit.row.uid for hit in hits]), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        queries.ping()  # raises GraphUnavailable, which becomes a 503; neomodel would raise the driver's errors
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        queries.ping()
        response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return response


def _column(name: str, field: Field) -> Any:
    return time_column(name, field.column or name) if field.sort is Sort.TIME else name


def _in_address(value: str | bool) -> str:
    return value if isinstance(value, str) else "yes" if value else "no"
