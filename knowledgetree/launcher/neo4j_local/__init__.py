"""The local Neo4j, Community edition: download, configuration, start, stop and backup.

``jars`` and ``java`` provide the programs, ``installation`` prepares its folder, ``server`` starts and stops it,
``backup`` dumps and loads it. Only ``configured`` reads Django's settings.
"""
