"""The local Neo4j of this installation, as configured in Django's settings."""

from django.conf import settings

from knowledgetree.launcher.neo4j_local.exceptions import LocalNeo4jError
from knowledgetree.launcher.neo4j_local.installation import Installation


def configured_neo4j() -> Installation:
    """The local Neo4j. Raises LocalNeo4jError if the settings name another Neo4j."""
    if not settings.NEO4J.is_local:
        raise LocalNeo4jError(
            f"The graph is at {settings.NEO4J.uri} ({settings.NEO4J.source}), not in a local Neo4j. "
            "Nothing was done: start, stop and back it up where it runs."
        )
    return Installation(
        home=settings.INSTANCE_DIR / "neo4j",
        bolt_port=settings.NEO4J.bolt_port,
        password=settings.NEO4J.password,
        jars_folder=settings.NEO4J_JARS_DIR,
        repository=settings.MAVEN_REPOSITORY_URL,
    )
