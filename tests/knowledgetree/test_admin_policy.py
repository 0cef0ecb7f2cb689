"""The content security policy of the Django admin: one that unfold can live with, and no script within a page."""

import pytest
from django.contrib.auth.models import User
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.people import client_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme


def addresses(patterns: list[URLPattern | URLResolver], record: str) -> list[str]:
    """All addresses of the Django admin; where one needs the id of a record, it is this one."""
    found = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found += addresses(pattern.url_patterns, record)
        elif pattern.name:
            for args in ([], [record]):
                try:
                    found.append(reverse(f"admin:{pattern.name}", args=args))
                except NoReverseMatch:
                    continue
    return sorted(set(found))


def directives(header: str) -> dict[str, set[str]]:
    parts = [directive.split() for directive in header.split(";")]
    return {name: set(values) for name, *values in parts}


def test_every_page_of_the_admin_forbids_scripts_within_it(graph: Graph, db: None) -> None:
    Acme()
    client = client_of("admin")
    user = User.objects.get(username="admin")
    pages = 0
    for address in addresses(get_resolver().namespace_dict["admin"][1].url_patterns, str(user.pk)):
        answer = client.get(address)
        policy = directives(answer.headers["Content-Security-Policy"])
        assert policy.get("script-src", policy["default-src"]) <= {"'self'", "'unsafe-eval'"}, address
        assert policy["default-src"] == {"'self'"}, address
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}, address
        pages += answer.status_code == 200
    assert pages > 15


@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/health/live", "/no/such/page"])
def test_other_pages_evaluate_nothing(graph: Graph, db: None, address: str) -> None:
    policy = directives(client_of("admin").get(address).headers["Content-Security-Policy"])
    assert "script-src" not in policy
    assert policy["default-src"] == {"'self'"}
