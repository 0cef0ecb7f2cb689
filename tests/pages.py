"""How tests read pages."""

from django.test import Client


def squeezed(page: str) -> str:
    """The page with one space for each run of white space, as a browser shows it outside of <pre>."""
    return " ".join(page.split())


def text_of(client: Client, address: str, status: int = 200, **headers: str) -> str:
    """The page at this address, squeezed; its status is looked at."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == status, answer.content[:500]
    return squeezed(answer.content.decode())
