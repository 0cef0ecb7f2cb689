"""The graph and its pages. Nothing in here knows of ``syncing``."""
