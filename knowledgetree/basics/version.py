"""The version of KnowledgeTree, as it introduces itself to programs."""

VERSION = "0.1.0"
