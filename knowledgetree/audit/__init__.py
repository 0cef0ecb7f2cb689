"""The audit log: who did what, when and through what. Append-only; nothing but retention takes an entry out.

    audit.record(Action.TRASHED, nodes=[node.uid], company=company, detail=node.title)

``routes.py`` says for each route what of it goes into the log. What a route does is told where it is done: by the
operations of the tree, by the life of a run, by signals of accounts. Views only ``note`` which nodes they show.

The functions are in ``knowledgetree.audit.log``.
"""
