"""Idempotency-Key: who sends a creation once more, because the response got lost, gets the first response again.

As draft-ietf-httpapi-idempotency-key-header-07 has it. A key belongs to its caller and lasts for 24 hours. After a
refusal, the same key may come with a corrected request. After a fault nobody knows what was done: what is made under an
id of the request's own is then made again, which makes it once, and all else is refused in words.
"""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from knowledgetree.accounts.identify import identity_of
from knowledgetree.accounts.rights.reader_of import reader_of
from tree.api.v1.errors import Problem
from tree.exceptions import NodeNotFound, Refused
from tree.models import RepeatableRequest

HEADER = "Idempotency-Key"
_LONGEST = 255
_ABANDONED = timedelta(minutes=2)  # longer than any request takes: its process has died
_REFUSALS = (Problem, Refused, NodeNotFound)  # then nothing was written
_UNKNOWN = (
    "The first request with this Idempotency-Key ended in a fault, and may have been done. Look whether it was; if "
    "not, send it with a new key."
)
_KEPT_HEADERS = (("location", "Location"), ("etag", "ETag"))


Made = TypeVar("Made")


def once(
    request: HttpRequest,
    make: Callable[[], Made],
    show: Callable[[Made], HttpResponse],
    content: bytes | None = None,
) -> HttpResponse:
    """The response that ``show`` has for what ``make`` writes, or the first one of the same request.

    ``content``: what tells the request from others, if that is not its body. Raises Problem: 409 while the first one
    is being answered, and after a fault; 422 if the key came with another request.
    """
    return _once(request, lambda _: make(), show, content, may_repeat=False)


def once_by_id(request: HttpRequest, make: Callable[[str], Made], show: Callable[[Made], HttpResponse]) -> HttpResponse:
    """Like ``once``, but after a fault the same request goes on.

    ``make`` gets the id under which it writes, the same each time, and must write nothing if that is there already.
    """
    return _once(request, make, show, None, may_repeat=True)


def _once(
    request: HttpRequest,
    make: Callable[[str], Made],
    show: Callable[[Made], HttpResponse],
    content: bytes | None,
    *,
    may_repeat: bool,
) -> HttpResponse:
    given = request.headers.get(HEADER)
    if given is None:
        return show(make(str(uuid.uuid4())))
    row, is_first = _claimed(_caller(request), _key(given), _fingerprint(request, content))
    if row.is_answered:
        return _again(row)
    if not is_first:
        _take_over(row, may_repeat=may_repeat)
    with _unknown_after_a_fault(row):
        try:
            made = make(str(uuid.uuid5(uuid.NAMESPACE_OID, f"{row.pk} {row.caller} {row.key}")))
        except _REFUSALS:
            if is_first:
                row.delete()
            raise
        response = show(made)
    headers = {field: response.headers.get(header, "") for field, header in _KEPT_HEADERS}
    RepeatableRequest.objects.filter(pk=row.pk).update(status=response.status_code, body=response.content, **headers)
    return response


def _claimed(caller: str, key: str, fingerprint: str) -> tuple[RepeatableRequest, bool]:
    """The row of this key, and whether the request is the first with it. Raises Problem."""
    rows = RepeatableRequest.objects.filter(caller=caller, key=key)
    RepeatableRequest.objects.filter(begun_at__lt=timezone.now() - RepeatableRequest.KEPT).delete()
    try:
        with transaction.atomic():
            return RepeatableRequest.objects.create(caller=caller, key=key, fingerprint=fingerprint), True
    except IntegrityError:
        row = rows.first()
    if row is None:
        raise _at_work()
    if row.fingerprint != fingerprint:
        raise Problem(422, "This Idempotency-Key came with another request before.", {HEADER: "It was used before."})
    return row, False


def _take_over(row: RepeatableRequest, *, may_repeat: bool) -> None:
    """Go on with a request that has begun and was not answered. Raises Problem."""
    now = timezone.now()
    if not row.has_failed and row.begun_at >= now - _ABANDONED:
        raise _at_work()
    if not may_repeat:
        raise Problem(409, _UNKNOWN)
    same = RepeatableRequest.objects.filter(pk=row.pk, status=row.status, begun_at=row.begun_at)
    if not same.update(status=RepeatableRequest.BEGUN, begun_at=now):
        raise _at_work()


def _at_work() -> Problem:
    return Problem(409, "A request with this Idempotency-Key is being worked on.", headers={"Retry-After": "1"})


@contextmanager
def _unknown_after_a_fault(row: RepeatableRequest) -> Iterator[None]:
    pk = row.pk
    try:
        yield
    except BaseException:
        RepeatableRequest.objects.filter(pk=pk).update(status=RepeatableRequest.FAILED)
        raise


def _again(row: RepeatableRequest) -> HttpResponse:
    headers = {header: getattr(row, field) for field, header in _KEPT_HEADERS if getattr(row, field)}
    headers["Idempotent-Replayed"] = "true"
    return HttpResponse(bytes(row.body), status=row.status, content_type="application/json", headers=headers)


def _key(given: str) -> str:
    """The key without the quotation marks that the draft wants and few send. Raises Problem."""
    key = given.strip()
    key = key[1:-1] if len(key) >= 2 and key[0] == key[-1] == '"' else key
    if not key or len(key) > _LONGEST or not (key.isascii() and key.isprintable()):
        what = f"It must be 1 to {_LONGEST} printable ASCII characters, such as a UUID."
        raise Problem(400, f"{HEADER}: {what}", {HEADER: what})
    return key


def _caller(request: HttpRequest) -> str:
    """Who sends the request, and what they may read: two tokens of one owner are two callers if they differ in that."""
    identity, reads = identity_of(request), reader_of(request).key
    return hashlib.sha256("\0".join((identity.via, identity.name, reads)).encode()).hexdigest()


def _fingerprint(request: HttpRequest, content: bytes | None) -> str:
    asked = f"{request.method} {request.path}\n".encode() + (request.body if content is None else content)
    return hashlib.sha256(asked).hexdigest()
