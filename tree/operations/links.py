"""Relations for the links in texts, so that backlinks can be queried.

A link is stored in the Markdown text by id: ``[VPN set-up](/node/<id>/)``; the old application's ``/view/<id>``
counts, too. A link to a company, person or computer becomes MENTIONS, any other LINKS_TO.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from neo4j import ManagedTransaction

from tree.kinds import RECORD_KINDS, Ticket
from tree.vocabulary import LINK_EVIDENCE

_MAX_LINKS = 500
_LINK = re.compile(
    r"\]\(\s*<?(?:https?://[^/\s)]+)?(?:/knowledgetree)?/(?:node|view)/([^/\s)>#?]{1,300})", re.IGNORECASE
)

_IS_MENTIONED = " OR ".join(f"t:{kind}" for kind in RECORD_KINDS if kind != Ticket.kind())
_WRITE = f"""
UNWIND $rows AS row
MATCH (n:ContextItem {{id: row.id}})
OPTIONAL MATCH (n)-[old:LINKS_TO|MENTIONS {{evidence: $evidence}}]->(o) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row.targets AS targets
UNWIND targets AS target
MATCH (t:ContextItem {{id: target}}) WHERE t <> n
WITH n, t, {_IS_MENTIONED} AS is_record
FOREACH (_ IN CASE WHEN is_record THEN [1] ELSE [] END | MERGE (n)-[:MENTIONS {{evidence: $evidence}}]->(t))
FOREACH (_ IN CASE WHEN is_record THEN [] ELSE [1] END | MERGE (n)-[:LINKS_TO {{evidence: $evidence}}]->(t))
"""


def linked_ids(content: str) -> list[str]:
    """The distinct ids that a text links to, at most 500."""
    found = dict.fromkeys(unquote(match.group(1)) for match in _LINK.finditer(content))
    return list(found)[:_MAX_LINKS]


def write_links(transaction: ManagedTransaction, uid: str, content: str) -> None:
    """Update the relations of a node to match the links in its text."""
    write_links_of(transaction, {uid: content})


def write_links_of(transaction: ManagedTransaction, texts: Mapping[str, str]) -> None:
    """Update the relations of several nodes, given by id, to match the links in their texts."""
    rows = [{"id": uid, "targets": linked_ids(texts[uid])} for uid in sorted(texts)]
    if rows:
        transaction.run(_WRITE, rows=rows, evidence=LINK_EVIDENCE).consume()
