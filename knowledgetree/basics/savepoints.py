"""Savepoints: what fails within one leaves the transaction around it whole."""

from contextlib import AbstractContextManager, nullcontext

from django.db import connection, transaction


def savepoint() -> AbstractContextManager[None]:
    """A savepoint within a transaction, and nothing outside of one, where each statement counts by itself."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()
