"""API tokens: ``kt_``, 43 random characters and 6 of a checksum, by which a typing error is told from a guess.

Only the SHA-256 of a token is kept: 256 random bits cannot be guessed from it, so nothing slower is needed.
"""

import hashlib
import re
import secrets
import string
import zlib
from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from knowledgetree.accounts.identity import BadToken
from knowledgetree.accounts.models import ApiToken
from knowledgetree.accounts.signals import token_made, token_revoked, token_used
from knowledgetree.basics.rights.scopes import Scope

BEGINNING = "kt_"
PREFIX_CHARACTERS = 11
MOST_DAYS = 3650
BELIEVED = timedelta(days=30)  # what the place where a person signs in said last, while only their programs come
USED_AGAIN = timedelta(minutes=1)  # how exactly the last use is known
_DIGITS = string.digits + string.ascii_letters
_FORM = re.compile(r"kt_[0-9A-Za-z]{49}")


def make(
    owner: User,
    name: str,
    scopes: Collection[Scope],
    expires_at: datetime | None = None,
    companies: Collection[str] = (),
) -> tuple[ApiToken, str]:
    """Make a token. Returns its row and the token itself, which cannot be shown again.

    ``companies``: the account numbers of those that it is for; none for all.
    """
    secret = _base62(int.from_bytes(secrets.token_bytes(32)), 43)
    text = BEGINNING + secret + _checksum(secret)
    row = ApiToken.objects.create(
        owner=owner,
        name=name,
        prefix=text[:PREFIX_CHARACTERS],
        digest=_digest(text),
        scopes=sorted(scope.value for scope in scopes),
        companies=sorted(set(companies)),
        expires_at=expires_at,
    )
    token_made.send(ApiToken, row=row)
    return row, text


def found(text: str) -> ApiToken:
    """The row of this token, with its owner. Its use is noted. Raises BadToken."""
    if not _FORM.fullmatch(text) or _checksum(text[3:-6]) != text[-6:]:
        raise BadToken("The API token is incomplete, or has a typing error.")
    row = (
        ApiToken.objects.select_related("owner__core_person", "owner__openid_person")
        .filter(digest=_digest(text))
        .first()
    )
    if row is None:
        raise BadToken("There is no such API token.")
    if row.revoked_at is not None:
        raise BadToken("The API token was revoked.")
    if row.is_expired:
        raise BadToken("The API token has expired.")
    if not row.owner.is_active:
        raise BadToken("The account of the API token's owner is closed.")
    now = timezone.now()
    for person, where in (("core_person", "come from Core"), ("openid_person", "signed in")):
        elsewhere = getattr(row.owner, person, None)
        if elsewhere is not None and now - elsewhere.seen_at > BELIEVED:
            raise BadToken(f"The API token's owner has not {where} for 30 days: log in there once.")
    if row.last_used_at is None or now - row.last_used_at > USED_AGAIN:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
        token_used.send(ApiToken, row=row)
    return row


def revoke(row: ApiToken) -> None:
    """Refuse this token from now on. It stays in the list, with its name and last use."""
    if ApiToken.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now()):
        token_revoked.send(ApiToken, row=row)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(secret: str) -> str:
    return _base62(zlib.crc32(secret.encode()), 6)


def _base62(number: int, length: int) -> str:
    digits = ""
    while len(digits) < length:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits
