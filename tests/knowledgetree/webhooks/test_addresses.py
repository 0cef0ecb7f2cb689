"""No request goes to this host or into our own network, however its address is written, or becomes, in the end."""

import socket
from typing import Any

import pytest
from django.conf import LazySettings

from knowledgetree.webhooks import addresses
from knowledgetree.webhooks.addresses import AddressRefused, NameUnknown, checked_url, resolved, why_not
from knowledgetree.webhooks.sending import send

BAD = (
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.5.5", "192.168.1.1", "100.64.0.1", "100.100.100.200"),  # noqa: S104
    *("169.254.1.1", "169.254.169.254", "168.63.129.16", "192.0.0.192", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.9", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1"),
    *("fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::"),
    *("2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2001:db8::1", "100::1"),
    *("2001:0:4136:e378:8000:63bf:80ff:fffe",),
)
GOOD = ("8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8")


@pytest.mark.parametrize("address", BAD)
def test_addresses_that_are_refused(address: str) -> None:
    assert why_not(address)


@pytest.mark.parametrize("address", GOOD)
def test_addresses_that_are_taken(address: str) -> None:
    assert why_not(address) == ""


def test_the_public_address_of_this_host_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_own_addresses", lambda: {"8.8.8.8"})
    assert why_not("8.8.8.8") == "an address of this host"
    monkeypatch.undo()
    assert {"127.0.0.1"} <= addresses._own_addresses()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "0", "::1", "::ffff:7f00:1"]
)
def test_hosts_that_are_written_in_other_ways(host: str) -> None:
    with pytest.raises((AddressRefused, NameUnknown)):
        resolved(host, 443)


def test_the_setting_allows_them(settings: LazySettings) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    assert resolved("127.0.0.1", 80) == "127.0.0.1"
    assert checked_url("http://127.0.0.1/x") == "http://127.0.0.1/x"


@pytest.mark.parametrize(
    "url",
    [
        *("http://acme.example/", "ftp://acme.example/", "file:///etc/passwd", "https://", "https:///x", "x", ""),
        *(
            "https://tess:secret@acme.example/",
            "https://acme.example/#part",
            "https://acme.example:99999/",
            "https://[",
        ),
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked_url(url)


def test_what_a_request_cannot_carry_is_encoded() -> None:
    assert checked_url(" https://acme.example/Büro 1?q=ä%20b ") == "https://acme.example/B%C3%BCro%201?q=%C3%A4%20b"
    for url in (f"https://acme.example/{'ä' * 90}", "https://acme.example/\ud800"):
        with pytest.raises(AddressRefused):
            checked_url(url)


def stands_for(monkeypatch: pytest.MonkeyPatch, *addresses_of_name: str) -> list[int]:
    """Make every name stand for these addresses. Returns how often it was asked."""
    asked: list[int] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(port)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses_of_name]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_a_name_that_stands_for_a_private_address_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stands_for(monkeypatch, "8.8.8.8", "10.0.0.7")
    with pytest.raises(AddressRefused):
        resolved("acme.example", 443)


def test_the_request_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that stands for another address when it is looked up again gets nobody anywhere: it is not."""
    asked = stands_for(monkeypatch, "8.8.8.8")
    reached: list[Any] = []

    def connect(address: Any, timeout: Any = None) -> Any:
        reached.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    from django.utils import timezone

    outcome = send("https://acme.example/hook", "whsec_" + "a" * 32, "msg_1", "{}", timezone.now())
    assert (reached, asked) == ([("8.8.8.8", 443)], [443])
    assert outcome.problem == "It could not be reached (ConnectionRefusedError)."
