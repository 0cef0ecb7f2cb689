"""Constants that all of ``tree`` shares: limits, the patterns of ways up the tree, and what is stored in the graph,
such as the ids of the first folders, origins and evidence; some are the old application's.
"""

from knowledgetree.basics.rights import withholding

ROOT_ID = "root"
COMPANIES_ID = "root_Companies"
WAITING_ID = "waiting"  # the folder for imported notes whose Codex record does not exist here yet

MAX_DEPTH = 50  # levels below the root; writes go no deeper, and reads follow as many
# From a node to all nodes above it, with itself or without. Bounded, so that a cycle costs no more than a deep tree.
SELF_AND_ABOVE = f"<-[:PARENT_OF*0..{MAX_DEPTH}]-"
ABOVE = f"<-[:PARENT_OF*1..{MAX_DEPTH}]-"
MOST_COPIED = 50  # nodes that are copied as Markdown at once

LINK_EVIDENCE = "link in the text"  # the evidence of relations that come from links in what staff write

LEVELS = withholding.LEVELS  # of compliance of companies
STANDARD, STRICTEST = withholding.STANDARD, withholding.STRICTEST

ORIGIN_SYSTEM = "system"
ORIGIN_CODEX = "codex"
ORIGIN_STAFF = "staff"
ORIGINS = {ORIGIN_SYSTEM: "System", ORIGIN_CODEX: "Codex", ORIGIN_STAFF: "Staff"}

FOLDER, NOTE = "Folder", "Note"  # the kinds of node that staff create; the sync creates some, too
