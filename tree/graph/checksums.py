"""The checksum of the properties that a sync wrote to a node; ``check_graph`` uses it to detect later changes."""

from hashlib import blake2b
from typing import Any

import msgspec

BOOKKEEPING = frozenset(
    {
        "id",
        "parent_id",
        "sibling_key",
        "sort_key",
        "origin",
        "version",
        "created_at",
        "updated_at",
        "archived_at",
        "archived_with",
        "trashed_at",
        "trashed_by",
        "trashed_with",
        "created_by",
        "updated_by",
        "checksum",
        "search_keys",
        "search_scope",
        "is_folder",
        "is_attached",
        "read_only",
    }
)


def checksum(properties: dict[str, Any]) -> str:
    """The checksum, 24 hex digits, of all properties except BOOKKEEPING. A null counts as absent."""
    facts = sorted((name, value) for name, value in properties.items() if name not in BOOKKEEPING and value is not None)
    return blake2b(msgspec.json.encode(facts), digest_size=12).hexdigest()
