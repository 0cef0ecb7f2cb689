"""Behind a proxy: whom to believe what the ``X-Forwarded-…`` headers say, and what follows from a prefix.

A proxy may serve the pages below a prefix, as HiveMatrix's Nexus does (``/knowledgetree``), and tells it in the header
X-Forwarded-Prefix. All links, redirects, static files and cookies then lie below it.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix
from whitenoise.storage import CompressedManifestStaticFilesStorage

_HEADERS = tuple(f"HTTP_X_FORWARDED_{name}" for name in ("FOR", "HOST", "PORT", "PREFIX", "PROTO"))
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]{1,50}){1,5}/?")
# What Nexus puts into each page needs it: scripts and styles within the page. No nonce may stand beside it.
_CONTENT_SECURITY_POLICY = {
    "script-src": ["'self'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}


class TrustedProxyMiddleware:
    """Takes address, scheme, host and prefix from the headers of a proxy in TRUSTED_PROXIES.

    Others may send what they like: their headers are taken away, but for X-Forwarded-Proto, which HTTPS=true allows. It
    must come before all middleware that reads these.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = get_script_prefix()
        sent = {name: request.META.get(name, "") for name in _HEADERS}
        if _is_trusted(request.META.get("REMOTE_ADDR", "")):
            _believe(request, sent)
        else:
            for name in _HEADERS:
                if not (name == "HTTP_X_FORWARDED_PROTO" and settings.HTTPS):
                    request.META.pop(name, None)
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(before)


class BehindPrefixMiddleware:
    """Puts our cookies below the prefix, and allows the scripts of a proxy that changes pages.

    It must follow the middleware that sends the policy for scripts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        prefix = get_script_prefix()
        if prefix != "/":
            for cookie in response.cookies.values():
                cookie["path"] = prefix
            asked: dict[str, list[str]] = getattr(response, "_csp_update", {})
            response._csp_update = asked | {  # type: ignore[attr-defined]
                name: [*dict.fromkeys([*asked.get(name, []), *sources])]
                for name, sources in _CONTENT_SECURITY_POLICY.items()
            }
        return response


class BelowPrefix(StaticFilesStorage):
    """Static files, whose addresses begin with the prefix of the request."""

    def url(self, name: str | None, *options: Any) -> str:
        return get_script_prefix().removesuffix("/") + super().url(name, *options)


class PrefixedStaticFilesStorage(BelowPrefix, CompressedManifestStaticFilesStorage):
    """The storage of installations."""


def _is_trusted(address: str) -> bool:
    networks: list[IPv4Network | IPv6Network] = settings.TRUSTED_PROXIES
    parsed = _address(address)
    return parsed is not None and any(parsed in network for network in networks)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip())
    except ValueError:
        return None


def _believe(request: HttpRequest, sent: dict[str, str]) -> None:
    meta = request.META
    hops = [hop.strip() for hop in sent["HTTP_X_FORWARDED_FOR"].split(",") if hop.strip()]
    for hop in reversed(hops):  # from the nearest on: what stands left of one that we do not know may be made up
        address = _address(hop)
        if address is None:
            break
        meta["REMOTE_ADDR"] = str(address)
        if not _is_trusted(hop):
            break
    if sent["HTTP_X_FORWARDED_PROTO"].rpartition(",")[2].strip() == "https":
        meta["wsgi.url_scheme"] = "https"
    if host := sent["HTTP_X_FORWARDED_HOST"].rpartition(",")[2].strip():
        meta["HTTP_HOST"] = host
    prefix = sent["HTTP_X_FORWARDED_PREFIX"].strip()
    if _PREFIX.fullmatch(prefix):
        prefix = prefix.removesuffix("/")
        meta["SCRIPT_NAME"] = prefix
        request.path = f"{prefix}{request.path_info}"
        set_script_prefix(f"{prefix}/")
