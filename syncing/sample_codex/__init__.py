"""A faithful Codex (and Core) with made-up records, for demonstrations and as the tests' double of Codex.

Read the modules in this order: ``records`` (the fields of Codex), ``names`` and ``stories`` (words), ``generate``
(builds a world from a seed), ``world`` (the records and their changes), ``api`` (turns requests into responses),
``core`` (tokens), ``limits``, ``faults`` (faulty responses), ``answer`` (sends responses), ``server``.
Nothing here uses Django or the graph.
"""
