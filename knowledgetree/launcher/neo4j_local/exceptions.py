"""The exception of this package."""


class LocalNeo4jError(Exception):
    """An operation on the local Neo4j failed. The message says what to do next."""
