"""Where requests may go: to addresses of the internet, not into our own network, unless WEBHOOKS_ALLOW_PRIVATE is set.

What counts is the address that a name stands for at the moment of the request, which then goes to just that address: a
name that stands for something else a moment later gets nobody anywhere.
"""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import psutil
from django.conf import settings
from django.utils.encoding import iri_to_uri

LONGEST_URL = 500
_METADATA = frozenset({"169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254"})
_SPECIAL = (ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"))  # for protocols, such as 192.0.0.192 of Oracle
_UNICAST = ip_network("2000::/3")
_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))


class AddressRefused(Exception):
    """No request may go there. The text says why, for people."""


class NameUnknown(Exception):
    """No address is known for the name at the moment."""


def checked_url(url: str) -> str:
    """The URL, if events may be sent to it as far as can be seen from it alone. Raises AddressRefused.

    In its path and query, what a request cannot carry is percent-encoded (RFC 3987, section 3.1).
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
        written = parts._replace(path=iri_to_uri(parts.path), query=iri_to_uri(parts.query)).geturl()
    except ValueError as error:
        raise AddressRefused("This is not an address.") from error
    schemes = ("https", "http") if settings.WEBHOOKS_ALLOW_PRIVATE else ("https",)
    if parts.scheme not in schemes:
        raise AddressRefused(f"The address must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("The address needs a host, and may have neither a name with a password nor a fragment.")
    if len(written) > LONGEST_URL:
        raise AddressRefused(f"The address is longer than {LONGEST_URL} characters.")
    return written


def refuse_host(url: str) -> None:
    """Raises AddressRefused if the host of this checked URL stands for an address that may not be used."""
    with suppress(NameUnknown):  # it may be known later
        resolved(urlsplit(url).hostname or "", 443)


def resolved(host: str, port: int) -> str:
    """The address to send to. Raises AddressRefused if any of the host's addresses may not be used, NameUnknown."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        raise NameUnknown(f"The name {host[:100]} has no address.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if reason := why_not(address):
            raise AddressRefused(
                f"{host[:100]} stands for {reason}, where no events are sent (WEBHOOKS_ALLOW_PRIVATE)."
            )
    return addresses[0]


def why_not(text: str) -> str:
    """What kind of address this is, if it may not be used; empty if it may."""
    if settings.WEBHOOKS_ALLOW_PRIVATE:
        return ""
    address = ip_address(text.partition("%")[0])
    inner = _within(address)
    if inner is not None:
        return why_not(str(inner))
    if str(address) in _METADATA:
        return "an address for metadata"
    is_v4 = isinstance(address, IPv4Address)
    is_unicast = not any(address in network for network in _SPECIAL) if is_v4 else address in _UNICAST
    if address.is_multicast or not address.is_global or not is_unicast:
        return "an address that is not of the internet"
    if str(address) in _own_addresses():
        return "an address of this host"
    return ""


def _within(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address only wraps."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _own_addresses() -> set[str]:
    return {entry.address.partition("%")[0] for entries in psutil.net_if_addrs().values() for entry in entries}
