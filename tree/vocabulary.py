"""Words of the graph: ids of its first folders, origins, evidence; the old application's where it had any."""

ROOT_ID = "root"
COMPANIES_ID = "root_Companies"
WAITING_ID = "waiting"  # the folder for imported notes whose record of Codex is not here yet

LINK_EVIDENCE = "link in the text"  # of relations that staff make by writing

ORIGIN_SYSTEM = "system"
ORIGIN_CODEX = "codex"
ORIGIN_STAFF = "staff"
ORIGINS = {ORIGIN_SYSTEM: "System", ORIGIN_CODEX: "Codex", ORIGIN_STAFF: "Staff"}

FOLDER, NOTE = "Folder", "Note"  # the kinds of node that staff make; a sync makes some, too
