"""The connection to Neo4j, the schema and its migrations, and the plain values that queries return."""
