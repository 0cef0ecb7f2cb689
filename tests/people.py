"""A browser of each identity that the table of rights knows."""

from django.contrib.auth.models import Group, User
from django.test import Client

IDENTITIES = ("anonymous", "none", "client", "billing", "technician", "admin", "superuser")


def person(identity: str) -> User:
    """A user of this identity (not for ``anonymous``)."""
    user = User.objects.create_user(identity, password="a-password-of-tests", is_superuser=identity == "superuser")
    if identity in ("client", "billing", "technician", "admin"):
        user.groups.add(Group.objects.get(name=identity))
    return user


def client_of(identity: str) -> Client:
    """A client that is logged in as this identity; errors come as answers."""
    client = Client(raise_request_exception=False)
    if identity != "anonymous":
        client.force_login(person(identity))
    return client
