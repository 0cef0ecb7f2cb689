"""Idempotency-Key: who sends a creation once more, because the response got lost, gets the first response again.

As draft-ietf-httpapi-idempotency-key-header-07 has it. A key belongs to its caller and lasts for 24 hours. Only what
was done is kept: after a refusal, the same key may come with a corrected request.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from knowledgetree.accounts.identify import identity_of
from knowledgetree.accounts.readers import reader_of
from tree.api.v1.errors import Problem
from tree.models import RepeatableRequest

HEADER = "Idempotency-Key"
_LONGEST = 255
_ABANDONED = timedelta(minutes=2)  # longer than any request takes: its process has died
_KEPT_HEADERS = (("location", "Location"), ("etag", "ETag"))


def once(request: HttpRequest, create: Callable[[], HttpResponse], content: bytes | None = None) -> HttpResponse:
    """The response of ``create``, or the first one of the same request.

    ``content``: what tells the request from others, if that is not its body. Raises Problem: 409 while the first one
    is being answered, 422 if the key came with another request.
    """
    given = request.headers.get(HEADER)
    if given is None:
        return create()
    row, is_first = _claimed(_caller(request), _key(given), _fingerprint(request, content))
    if not is_first:
        return _again(row)
    try:
        response = create()
    except BaseException:
        row.delete()
        raise
    if response.status_code >= 300:
        row.delete()
        return response
    headers = {field: response.headers.get(header, "") for field, header in _KEPT_HEADERS}
    RepeatableRequest.objects.filter(pk=row.pk).update(status=response.status_code, body=response.content, **headers)
    return response


def _claimed(caller: str, key: str, fingerprint: str) -> tuple[RepeatableRequest, bool]:
    """The row of this key, and whether the request is the first with it. Raises Problem."""
    now, rows = timezone.now(), RepeatableRequest.objects.filter(caller=caller, key=key)
    RepeatableRequest.objects.filter(begun_at__lt=now - RepeatableRequest.KEPT).delete()
    rows.filter(status=0, begun_at__lt=now - _ABANDONED).delete()
    try:
        with transaction.atomic():
            return RepeatableRequest.objects.create(caller=caller, key=key, fingerprint=fingerprint), True
    except IntegrityError:
        row = rows.first()
    if row is None or (row.status == 0 and row.fingerprint == fingerprint):
        raise Problem(409, "A request with this Idempotency-Key is being worked on.", headers={"Retry-After": "1"})
    if row.fingerprint != fingerprint:
        raise Problem(422, "This Idempotency-Key came with another request before.", {HEADER: "It was used before."})
    return row, False


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
