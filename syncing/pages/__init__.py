"""The pages at ``/sync/``."""
