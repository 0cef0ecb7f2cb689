"""All read queries of the tree, one Cypher statement each.

Statements return columns or maps, collected into one record (``RETURN collect(…)``), which is three to five times
faster than one record for each row. A page of children is sorted by ``parent_id, sort_key``, so that it is one
ordered read of the index ``context_item_children``, however many children there are. The statements name this
index, because the planner chooses by statistics, which are outdated after an initial load.
"""

from tree.queries.below import Below, get_below, get_below_trashed
from tree.queries.branches import BRANCH_ROWS, get_branches, get_tree_around
from tree.queries.files import get_file, get_file_by_stored_name, get_files, get_ways_to_file
from tree.queries.folders import get_folders
from tree.queries.fulltext import search
from tree.queries.home import HomeNodes, count_open_tickets, get_home, get_live, get_placed
from tree.queries.lists.rows import LIST_ROWS, count_list, get_client, get_list, get_values
from tree.queries.nodes import (
    PAGE_ROWS,
    find_children_by_name,
    get_children,
    get_linked,
    get_mentioning,
    get_node,
    get_person,
    get_summaries,
    get_title_properties,
    ping,
)
from tree.queries.records.clients import clients_of, find_name
from tree.queries.records.companies import count_records, get_companies, get_compliance_levels
from tree.queries.records.company import CompanyOverview, get_company
from tree.queries.records.ticket import FoundByIndex, TicketOverview, find_around, get_ticket
from tree.queries.texts.notes import (
    get_backlinks,
    get_link_states,
    get_revision,
    get_revisions,
    get_texts,
    get_trash,
    get_trashed,
    suggest,
)

__all__ = [
    "BRANCH_ROWS",
    "LIST_ROWS",
    "PAGE_ROWS",
    "Below",
    "CompanyOverview",
    "FoundByIndex",
    "HomeNodes",
    "TicketOverview",
    "clients_of",
    "count_list",
    "count_open_tickets",
    "count_records",
    "find_around",
    "find_children_by_name",
    "find_name",
    "get_backlinks",
    "get_below",
    "get_below_trashed",
    "get_branches",
    "get_children",
    "get_client",
    "get_companies",
    "get_company",
    "get_compliance_levels",
    "get_file",
    "get_file_by_stored_name",
    "get_files",
    "get_folders",
    "get_home",
    "get_link_states",
    "get_linked",
    "get_list",
    "get_live",
    "get_mentioning",
    "get_node",
    "get_person",
    "get_placed",
    "get_revision",
    "get_revisions",
    "get_summaries",
    "get_texts",
    "get_ticket",
    "get_title_properties",
    "get_trash",
    "get_trashed",
    "get_tree_around",
    "get_values",
    "get_ways_to_file",
    "ping",
    "search",
    "suggest",
]
