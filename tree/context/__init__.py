"""A context pack: what an assistant needs to know about a node, within a number of tokens.

``pack.build`` puts it together: ``candidates`` gathers what hangs together with the node or has words in common with
it, ``choice`` takes what fits the budget, ``blocks`` writes each piece, with ``customers`` around what customers wrote,
and ``manifest`` lists every candidate with the reason for which it is in or out. Nothing depends on the time of day:
the same graph, reader and budget give the same bytes.
"""
