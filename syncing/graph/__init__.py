"""All the Cypher of a sync: the lease, reading what exists, writing changes and links, the journal."""
