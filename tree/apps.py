"""The Django app of the tree."""

from django.apps import AppConfig


class TreeConfig(AppConfig):
    name = "tree"
    verbose_name = "Tree"

    def ready(self) -> None:
        """Hand neomodel our driver. No I/O: the driver connects at first use."""
        from django.conf import settings
        from neomodel import config

        from tree.graph.connection import graph_driver

        config.DATABASE_URL = None
        config.DATABASE_NAME = settings.NEO4J.database
        config.DRIVER = graph_driver()
