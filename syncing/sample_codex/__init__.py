"""A faithful Codex (and Core) with made-up records: for trying out, and for the tests as their fake Codex.

Reads in this order: ``records`` (what Codex knows), ``names`` and ``stories`` (words), ``generate``
(a world from a seed), ``world`` (the records, and how they change), ``api`` (questions to answers),
``core`` (tokens), ``limits``, ``faults`` (answers gone wrong), ``answer`` (the wire), ``server``.
Nothing here knows Django or the graph.
"""
