"""The API v1 keeps to its OpenAPI document, whatever is sent to it (schemathesis); and the document is whole."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode

from knowledgetree.accounts.rights import api_policy
from knowledgetree.api_v1.api import api
from tests.fault_counts import usual_or_all
from tests.people import person
from tests.throwaway_neo4j import Graph
from tests.tree.api.v1.calling import Caller
from tests.tree.factory import Acme

EXAMPLES = usual_or_all(3, 100)  # of each operation, for valid and for invalid requests
_REFUSED = ["400", "403", "404", "409", "412", "413", "415", "422", "428"]  # 403: a person has to decide
_CONFIG = {
    "checks": {
        # An id that nobody has, a text that the tree does not take, an ETag that is not the present one.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "304", *_REFUSED]},
        "missing_required_header": {"expected-statuses": _REFUSED},
        "negative_data_rejection": {
            "expected-statuses": ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428"]
        },
    }
}


@pytest.fixture
def document() -> dict[str, Any]:
    found: dict[str, Any] = api.get_openapi_schema()
    return found


@pytest.fixture
def owner(db: None) -> User:
    return person("admin")


@pytest.mark.long
def test_whatever_is_sent_the_response_is_in_the_document(
    acme: Acme, live_server: LiveServer, transactional_db: None, owner: User, document: dict[str, Any], settings: Any
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 0
    token = Caller(owner).token
    headers = {"Authorization": f"Bearer {token}"}
    config = SchemathesisConfig.from_dict(_CONFIG)
    schema = schemathesis.openapi.from_url(f"{live_server.url}/api/v1/openapi.json", config=config, headers=headers)
    faults = []
    accepted = set()
    for operation in (found.ok() for found in schema.get_all_operations()):  # type: ignore[union-attr]
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                if any(200 <= status < 300 for status in _try(operation.as_strategy(generation_mode=mode), headers)):
                    accepted.add(operation.label)
            except (FailureGroup, Failure) as failed:
                whole = [str(failed), *map(str, getattr(failed, "exceptions", []))]
                faults.append(f"{operation.label} {mode}: {' '.join(whole)}")
            except hypothesis.errors.Unsatisfiable:
                continue
    assert faults == [], "\n\n".join(faults)
    lists = {f"GET {path}" for path, methods in document["paths"].items() if "get" in methods and "{" not in path}
    assert len(lists) > 8
    assert lists <= accepted, "an API that refuses everything keeps to its document, too"


def _try(cases: Any, headers: dict[str, str]) -> set[int]:
    """The statuses of the responses. Raises FailureGroup, Failure."""
    statuses = set()

    @hypothesis.given(case=cases)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def one(case: Any) -> None:
        statuses.add(case.call_and_validate(headers=headers).status_code)

    one()
    return statuses


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert len(operation["description"]) > 40, where
            assert operation["tags"], where
            assert all("description" in one for one in operation["parameters"]), where
            good = next(r for status, r in operation["responses"].items() if status.startswith("2"))
            assert all(content.get("examples") for content in good.get("content", {}).values()), where
            for content in operation.get("requestBody", {}).get("content", {}).values():
                assert _has_example(content["schema"], document), where
            problems = [r for status, r in operation["responses"].items() if status[0] in "45"]
            assert all("application/problem+json" in one["content"] for one in problems), where


def _has_example(schema: dict[str, Any], document: dict[str, Any]) -> bool:
    refs = [schema.get("$ref"), *(one.get("$ref") for one in schema.get("anyOf", []))]
    names = [ref.rpartition("/")[2] for ref in refs if ref]
    return schema.get("title") == "FileParams" or any(
        document["components"]["schemas"][n].get("examples") for n in names
    )


def test_every_operation_has_a_line_in_the_table_of_rights() -> None:
    found: dict[str, set[str]] = {name: {"GET", "HEAD"} for name in ("openapi-json", "openapi-view", "api-root")}
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            names = {operation.url_name for operation in view.operations}
            assert len(names) == 1, names  # a route is told by the name of its first operation
            found.setdefault(names.pop(), set()).update(m for one in view.operations for m in one.methods)
    assert found == {name: set(api_policy.methods_of(name)) for name in api_policy.OPERATIONS}


def test_the_page_of_the_document_loads_nothing_from_elsewhere(graph: Graph, owner: User, client: Any) -> None:
    client.force_login(owner)
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    html = page.content.decode()
    assert "//" not in html.replace("https://www.w3.org", "")
    assert "<script>" not in html
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert client.get("/api/v1/").status_code == 404
