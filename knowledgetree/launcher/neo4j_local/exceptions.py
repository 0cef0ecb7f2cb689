"""The one error of this package."""


class LocalNeo4jError(Exception):
    """The local Neo4j could not do what was asked; the text tells the person who asked what to do next."""
