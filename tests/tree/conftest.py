import pytest
from django.test import Client

from tests.people import client_of
from tests.throwaway_neo4j import Graph
from tests.tree.factory import Acme


@pytest.fixture
def acme(graph: Graph) -> Acme:
    return Acme()


@pytest.fixture
def technician(db: None) -> Client:
    return client_of("technician")


@pytest.fixture
def billing(db: None) -> Client:
    return client_of("billing")


@pytest.fixture
def admin(db: None) -> Client:
    return client_of("admin")
