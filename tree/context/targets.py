"""Finds the node that somebody names: by its id, its path, an address of its page, or ``#`` and a ticket's number."""

import re
from urllib.parse import unquote, urlsplit

from knowledgetree.basics.rights.reader import Reader
from tree import queries
from tree.exceptions import NodeNotFound
from tree.queries.paths import resolve
from tree.queries.texts.context import find_numbered

_PAGE = re.compile(r"(?:^|.*/)(?:node|view)/([^/]+)(?:[/.].*)?")
_BROWSED = re.compile(r"(?:^|.*/)browse/(.*)")
_NUMBER = re.compile(r"#\s?(\w{1,30})")
MOST_NAMED = 5
NO_NODE = "“{named}” is no node: give an id, a path, the address of a page, or # and a ticket's number."


def find_target(named: str, reader: Reader) -> str:
    """The id of the node. Raises NodeNotFound, in words, if there is none, or several tickets have this number."""
    uid = id_of(named, reader)
    if not queries.get_placed([uid], reader=reader):
        raise NodeNotFound(NO_NODE.format(named=named.strip()))
    return uid


def id_of(named: str, reader: Reader) -> str:
    """The id that is meant; an id as it stands is not looked up. Raises NodeNotFound, in words, as ``find_target``."""
    text = named.strip()
    if number := _NUMBER.fullmatch(text):
        return _by_number(number[1], reader)
    path = urlsplit(text).path if "://" in text else text
    if found := _PAGE.fullmatch(path):
        return unquote(found[1])
    if found := _BROWSED.fullmatch(path):
        return resolve(unquote(found[1]), reader=reader)
    return resolve(path, reader=reader) if path.startswith("/") else text


def _by_number(number: str, reader: Reader) -> str:
    found = find_numbered(number, reader)
    if not found:
        raise NodeNotFound(f"No ticket has the number {number}.")
    if len(found) > 1:
        several = "; ".join(f"{uid} ({company})" for uid, company in found[:MOST_NAMED])
        raise NodeNotFound(f"{len(found)} tickets have the number {number}. Give one of the ids: {several}.")
    return found[0][0]
