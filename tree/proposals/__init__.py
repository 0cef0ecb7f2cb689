"""Proposals of assistants: made here, decided on by people. Nothing changes in the tree before somebody accepts."""

from tree.proposals.deciding import accept, decline, forget
from tree.proposals.making import Draft, propose
from tree.proposals.seen import Seen, count_open, find, list_decided, list_open

__all__ = ["Draft", "Seen", "accept", "count_open", "decline", "find", "forget", "list_decided", "list_open", "propose"]
