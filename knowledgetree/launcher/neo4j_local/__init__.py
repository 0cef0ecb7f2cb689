"""The local Neo4j: Community edition, fetched, configured, started and stopped by us.

``jars`` and ``java`` get what it needs to run, ``installation`` lays out its folder, ``server`` starts
and stops it, ``backup`` dumps and loads it. Nothing here reads Django's settings: callers say where.
"""
