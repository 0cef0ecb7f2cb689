"""What the Django admin needs to list and show nodes of the graph: see ``graphnode.py`` for the rest.

Lists are paged in Cypher (SKIP, LIMIT) and counted by Neo4j's count store; the search box asks the full-text
index, because ``icontains`` becomes a regular expression over every node. Nodes are read-only here.
"""

from typing import Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse

from tree import queries
from tree.admin.read_only import ReadOnlyAdmin, time_column

SEARCH_RESULTS = 200
ARCHIVED, UPDATED = time_column("archived_at", "archived"), time_column("updated_at", "updated")


class GraphPaginator(Paginator):  # type: ignore[type-arg]
    """Reads one page of a node set and no more."""

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


class NodeAdmin(ReadOnlyAdmin):
    """Base of the admin classes of node kinds."""

    list_display: Any = ("name", "origin", ARCHIVED, UPDATED)
    list_filter: Any = (ArchivedFilter,)
    list_per_page = 50
    paginator = GraphPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields: Any = ("name",)
    search_help_text = "Asks the full-text index; the best 200 are listed."
    ordering: Any = ("name",)
    actions: Any = ()

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        return self.model.nodes.get_or_none(uid=object_id)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term.strip():
            return queryset, False
        hits = queries.search(search_term, kind=self.model.kind(), archived=True, limit=SEARCH_RESULTS).hits
        return queryset.filter(uid__in=[hit.row.uid for hit in hits]), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        queries.ping()  # neomodel would let a driver's error through; this one becomes a 503
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        queries.ping()
        response: HttpResponse = super().changeform_view(request, *args, **kwargs)
        return response
