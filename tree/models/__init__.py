"""The SQL tables of the tree: drafts, open editors, note templates, imports, searches that were saved or found nothing,
proposals of assistants, what the pages keep for a person, and what the API keeps of creations.
"""

from tree.models.assistants import Guidance, Proposal, State
from tree.models.context_choices import ContextChoice
from tree.models.drafts import Draft, Presence
from tree.models.imports import TreeImport
from tree.models.personal import Pin, SeenNode
from tree.models.repeats import RepeatableRequest
from tree.models.searches import MissedSearch, SavedSearch
from tree.models.templates import (
    ANYWHERE,
    OF_RECORDS,
    TEMPLATE_HELP,
    VARIABLE,
    VARIABLES,
    NoteTemplate,
    template_places,
)

__all__ = [
    "ANYWHERE",
    "OF_RECORDS",
    "TEMPLATE_HELP",
    "VARIABLE",
    "VARIABLES",
    "ContextChoice",
    "Draft",
    "Guidance",
    "MissedSearch",
    "NoteTemplate",
    "Pin",
    "Presence",
    "Proposal",
    "RepeatableRequest",
    "SavedSearch",
    "SeenNode",
    "State",
    "TreeImport",
    "template_places",
]
