"""The OpenAPI document: what django-ninja knows, completed by what the middleware does and the table of rights says."""

import re
from copy import deepcopy
from typing import Any

from ninja import NinjaAPI

from knowledgetree.accounts.rights import api_policy
from knowledgetree.accounts.roles import ADMINS, TECHNICIANS
from tree.api.v1 import schemas

_CONVERTER = re.compile(r"{[^{}:]+:")
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ALWAYS = {
    "400": "The request cannot be read.",
    "401": "There is no token, or a bad one.",
    "403": "The caller has no right to this.",
    "404": "There is no such thing, or none for this caller.",
    "405": "The address has no such method.",
    "422": "Something in the request cannot be taken; errors says what.",
    "429": "These are too many requests in a minute.",
    "503": "A database does not answer. Try again.",
}
_WITH_BODY = {"413": "The body is too large.", "415": "The body is of the wrong type."}
_WITH_IF_MATCH = {"412": "The node has changed since; ETag is the present one.", "428": "If-Match is missing."}
_WHEN_CHANGING = {"409": "What is there already is in the way."}
_WITH_FILE = {"507": "There is no space for the file."}


def described(generated: Any, api: NinjaAPI) -> dict[str, Any]:
    """The whole document."""
    document: dict[str, Any] = deepcopy(dict(generated))
    problem = schemas.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    known = document["components"]["schemas"]
    known.update(problem.pop("$defs", {}) | {"Problem": problem})
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token, or a token of Core."},
        "session": {"type": "apiKey", "in": "cookie", "name": "kt_session", "description": "As the pages have it."},
    }
    document["security"] = [{"token": []}]
    routes = routes_of(api)
    for path, methods in document["paths"].items():
        methods.pop("head", None)  # it goes without saying where there is GET
        for method, operation in methods.items():
            needs = api_policy.needs(routes[path], method.upper())
            _complete(operation, method, needs)
            for response in operation["responses"].values():
                _show_examples(response, known)
    return document


def routes_of(api: NinjaAPI) -> dict[str, str]:
    """The name of the route of each path in the document."""
    return {
        f"/api/v1{_CONVERTER.sub('{', path)}": view.operations[0].url_name
        for router in api._get_bound_routers()
        for path, view in router.path_operations.items()
    }


def query_parameters(api: NinjaAPI) -> dict[tuple[str, str], frozenset[str]]:
    """The parameters that an address may have, by the name of its route and the method; without the whole document."""
    return {
        (str(operation.url_name), method): frozenset(
            name
            for model in operation.models
            if model.__ninja_param_source__ == "query"
            for name in model.__ninja_flatten_map__
        )
        for router in api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
        for method in operation.methods
    }


def _complete(operation: dict[str, Any], method: str, needs: api_policy.Needs | None) -> None:
    headers = {one["name"] for one in operation["parameters"] if one["in"] == "header"}
    errors = dict(_ALWAYS)
    if "requestBody" in operation:
        errors |= _WITH_BODY
    if "If-Match" in headers:
        errors |= _WITH_IF_MATCH
    if method != "get":
        errors |= _WHEN_CHANGING
    if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
        errors |= _WITH_FILE
    if "If-None-Match" in headers:
        operation["responses"]["304"] = {"description": "The ETag still is the present one."}
    operation["responses"] = {str(status): response for status, response in operation["responses"].items()}
    for status, what in errors.items():
        operation["responses"][status] = {"description": what, "content": _PROBLEM}
    if needs is not None:
        scopes = " and ".join(f"`{scope}`" for scope in sorted(needs.scopes))
        who = "an admin" if needs.roles == ADMINS else "a technician or an admin"
        right = f"Tokens need {'the scopes' if len(needs.scopes) > 1 else 'the scope'} {scopes}."
        if needs.is_personal:
            right = (
                "Only an admin who has logged in within the last 15 minutes may do this, here or at Core; no API token."
            )
        elif needs.roles <= TECHNICIANS:
            right += f" Their owner must be {who}."
        operation["description"] = f"{operation.get('description', '').strip()}\n\n{right}"
        operation["x-scopes"] = sorted(needs.scopes)


def _show_examples(response: dict[str, Any], known: dict[str, Any]) -> None:
    """Show the example of a class where the class is the content."""
    for content in response.get("content", {}).values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        for example in known.get(name, {}).get("examples", [])[:1]:
            content["examples"] = {name: {"value": example}}
