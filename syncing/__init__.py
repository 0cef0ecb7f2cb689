"""Syncs Codex into the graph. The packages are listed in the order of the flow:

1. ``codex`` reads Codex: the HTTP client, the throttle, the bulk download and the snapshot.
2. ``kinds`` defines each kind of record once: its fields, key, name, text and links.
3. ``compare`` compares Codex with the graph and decides which nodes may be archived.
4. ``plan`` stores the resulting changes on disk.
5. ``graph`` writes them: the lease, the journal and all the Cypher of a sync.

``engine`` executes one run through all these steps and is the module to read first. Around it, ``runs`` manages the
life of a run (row, queue, heartbeat, progress), ``schedules`` starts runs and raises alarms, ``decisions`` handles
approvals, undo, pauses and the quarantine, and ``pages`` shows everything at ``/sync/``. ``sample_codex`` is a Codex
with made-up records, for demonstrations and for the tests.
"""
