"""Who acts at this moment, and through what: known to everything that happens in a request, a job or a command.

``IdentityMiddleware`` says it for requests, ``acting_as`` for jobs. Otherwise a command of the server acts.
"""

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest

from knowledgetree.accounts.identify import identity_of
from knowledgetree.accounts.identity import Via


class Way(StrEnum):
    """Through what somebody acts. The values are stored, in the audit log and with each version of a note."""

    PAGE = "page"  # a person who logged in here
    CORE = "core"  # a person with a token of Core
    TOKEN = "token"  # noqa: S105 - the name of a way: a program with an API token of ours
    SERVICE = "service"  # another service of the platform
    COMMAND = "command"
    IMPORT = "import"
    DRAFT = "draft"  # a person who kept what somebody else had drafted
    JOB = "job"  # a schedule, or what a worker does by itself


WAYS = {Via.SESSION: Way.PAGE, Via.CORE: Way.CORE, Via.TOKEN: Way.TOKEN, Via.SERVICE: Way.SERVICE}
_NAME_CHARACTERS = 150


@dataclass(frozen=True)
class Acting:
    """``name``: the user name, service, or account of the server; empty for somebody who is not logged in.

    ``through``: the name of the API token, the file of an import, or the author of the draft.
    """

    way: Way
    name: str
    account_id: int | None = None
    through: str = ""


_current: ContextVar[Callable[[], Acting] | None] = ContextVar("acting", default=None)
_stated: ContextVar[Acting | None] = ContextVar("stated_acting", default=None)


def stated() -> Acting | None:
    """Whom ``acting_as`` lets act at this moment; None outside of it."""
    return _stated.get()


def now_acting() -> Acting:
    """Who acts in this thread."""
    current = _current.get()
    return current() if current else Acting(Way.COMMAND, account_of_server())


def of_request(request: HttpRequest) -> Acting:
    """Who sent this request."""
    identity = identity_of(request)
    name = request.user.get_username()
    return Acting(WAYS[identity.via], name[:_NAME_CHARACTERS], request.user.pk, identity.through)


@contextmanager
def in_request(request: HttpRequest) -> Iterator[None]:
    """Let the sender of this request act."""
    with _set(lambda: of_request(request)):
        yield


@contextmanager
def acting_as(way: Way, name: str, account_id: int | None = None, through: str = "") -> Iterator[None]:
    """Let somebody act for a while: the person of a job, or within a request another way."""
    acting = Acting(way, name[:_NAME_CHARACTERS], account_id, through)
    token = _stated.set(acting)
    try:
        with _set(lambda: acting):
            yield
    finally:
        _stated.reset(token)


@contextmanager
def _set(current: Callable[[], Acting]) -> Iterator[None]:
    token = _current.set(current)
    try:
        yield
    finally:
        _current.reset(token)


def account_of_server() -> str:
    """The account that runs this process; under sudo, that of the person."""
    try:
        return (os.environ.get("SUDO_USER") or getpass.getuser())[:_NAME_CHARACTERS]
    except (KeyError, OSError):  # an account without a name, as in a container
        return f"user id {os.getuid()}"
