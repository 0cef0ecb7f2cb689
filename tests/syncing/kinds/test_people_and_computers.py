"""Whom and what a company's names mean: addresses, logins, hostnames."""

import pytest

from syncing.kinds.declaration.people_and_computers import Computers, People, address_of

COMPUTERS = Computers.of(
    [
        ("asset:1", "LAPTOP-59"),
        ("asset:2", "RECEPTION"),
        ("asset:3", "nas01"),
        ("asset:4", "DC01.acme.example"),
        ("asset:6", "20261128"),
        ("asset:7", "X-1"),
        ("asset:8", "Ana's PC 2"),
        ("asset:9", "DESKTOP-1"),
        ("asset:10", "desktop-1"),
        ("asset:11", None),
        ("asset:12", "BÜRO-PC1"),
        ("asset:13", "FRONT-DESK"),
    ]
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Please look at LAPTOP-59.", {"asset:1"}),
        ("laptop-59's screen, (Nas01)", {"asset:1", "asset:3"}),
        ("<td>LAPTOP-59</td>", {"asset:1"}),
        ("\\\\nas01\\share and C:\\temp\\nas01", {"asset:3"}),
        ("one\nnas01\tLAPTOP-59\r\n", {"asset:1", "asset:3"}),
        ("dc01 and dc01.acme.example", {"asset:4"}),
        ("büro-pc1", {"asset:12"}),
        ("“LAPTOP-59” and LAPTOP-59’s screen…", {"asset:1"}),
        ("LAPTOP-59\u00a0is slow\u2013nas01\u2014no", {"asset:1", "asset:3"}),
        ("\u200bLAPTOP-59。nas01：no", {"asset:1", "asset:3"}),
        ("LAPTOP-590, MYLAPTOP-59, LAPTOP-59-old, laptop_59", set()),
        ("ana@laptop-59.example and nas01@acme.example", set()),
        ("the reception, the front-desk, 20261128, X-1, Ana's PC 2", set()),
        ("DESKTOP-1, which two computers are called", set()),
        ("half of a pair \ud800 and LAPTOP-59", {"asset:1"}),
        ("", set()),
    ],
)
def test_a_computer_is_named_by_its_hostname_as_a_word(text: str, named: set[str]) -> None:
    assert COMPUTERS.named_in(text) == named


def test_who_left_is_meant_where_nobody_else_has_the_name() -> None:
    here = Computers.of([("asset:1", "LAPTOP-59")])
    former = Computers.of([("asset:2", "LAPTOP-59"), ("asset:3", "LAPTOP-60")])
    assert here.or_former(former).named_in("LAPTOP-59 and LAPTOP-60") == {"asset:1", "asset:3"}


@pytest.mark.parametrize(
    "sender",
    [
        *("ana@zeta.example", " ANA@zeta.example ", "<ana@zeta.example>", "Ana Kim <ana@zeta.example>"),
        *('"Kim, Ana" <ana@zeta.example>', "Kim, Ana <Ana@Zeta.example>;", "Ana <mailto:ana@zeta.example>"),
        *("mailto:ana@zeta.example", "MAILTO:ana@zeta.example?subject=x", "smtp:ana@zeta.example"),
        *("ana@zeta.example (Ana Kim)", "'ana@zeta.example'", "ana via bob@x.example <ana@zeta.example> via Help"),
    ],
)
def test_a_sender_in_any_form_is_that_person(sender: str) -> None:
    assert address_of(sender) == "ana@zeta.example"
    assert People.of([("user:1", sender, ())]).with_email("ana@zeta.example") == "user:1"
    assert People.of([("user:1", "ana@zeta.example", ())]).with_email(sender) == "user:1"
    assert People.of([("user:1", sender, ())]).with_login("ZETA\\ana") == "user:1"


@pytest.mark.parametrize("sender", ["o'neill@zeta.example", "a b", "<>", "", "x <y> z"])
def test_any_other_sender_is_left_as_it_is(sender: str) -> None:
    assert address_of(sender) == sender
