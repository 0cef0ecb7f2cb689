"""The API object of django-ninja, with the routers of the tree and of the syncs; and how bodies and errors are read."""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.urls import URLPattern, URLResolver, get_script_prefix
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.types import DictStrAny

from knowledgetree.accounts.rights.api_policy import NAMESPACE
from knowledgetree.api_v1.docs import DocsPage
from knowledgetree.api_v1.document import described, query_parameters
from knowledgetree.basics.wrong_values import in_words
from syncing.api import routers as routers_of_syncing
from tree.api.sizes import MAX_BODY_BYTES
from tree.api.v1 import routers as routers_of_the_tree
from tree.api.v1.errors import Problem, problem_response, tree_error_response
from tree.exceptions import TreeError

_DESCRIPTION = (
    "Read and write the tree, search it, and run the syncs. Send an API token or a token of Core as "
    "`Authorization: Bearer …`. Lists come in pages: send `next_cursor` as `cursor`. Errors are problems (RFC 9457)."
)


class JsonBody(Parser):
    """Reads JSON, and nothing else."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        if request.content_type != "application/json":
            raise Problem(415, "Send JSON with Content-Type: application/json.")
        length = request.META.get("CONTENT_LENGTH") or "0"
        try:
            if length.isdecimal() and int(length) > MAX_BODY_BYTES:
                raise Problem(413, f"The body is too large: at most {MAX_BODY_BYTES // 2**20} MB are taken.")
            return super().parse_body(request)
        except RequestDataTooBig as error:
            raise Problem(413, "The body is too large.") from error
        except (ValueError, RecursionError) as error:
            raise Problem(400, "The body is not JSON.") from error


class ApiV1(NinjaAPI):
    """Operations are called as their functions are. The description of the whole is made once."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    @cached_property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document, as ``document.py`` completes it."""
        return described(super().get_openapi_schema(path_prefix="api/v1/"), self)

    @cached_property
    def parameters(self) -> dict[tuple[str, str], frozenset[str]]:
        """The known parameters of each operation."""
        return query_parameters(self)

    def get_openapi_schema(self, **options: Any) -> Any:
        """The document, for those who come by this address of the site."""
        return self.document | {"servers": [{"url": get_script_prefix().rstrip("/") or "/"}]}


api = ApiV1(
    title="KnowledgeTree",
    version="1",
    description=_DESCRIPTION,
    urls_namespace=NAMESPACE,
    docs=DocsPage(),
    parser=JsonBody(),
)


def _refuse_unknown(operation: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A filter with a typing error would be none, and its list much longer than the caller believes."""

    @wraps(operation)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        match = request.resolver_match
        known = api.parameters[match.url_name or "", request.method or ""] if match else frozenset()
        if unknown := sorted(set(request.GET) - known):
            errors = dict.fromkeys(unknown, "There is no such parameter.")
            raise Problem(422, f"There is no parameter {', '.join(unknown)}.", errors)
        return operation(request, *args, **kwargs)

    return checked


def _answer_head(router: Router) -> None:
    """Let HEAD call what GET calls. The server leaves the body out."""
    for view in router.path_operations.values():
        for operation in view.operations:
            if operation.methods == ["GET"]:
                operation.methods.append("HEAD")


api.add_decorator(_refuse_unknown)
for _router in (*routers_of_the_tree(), *routers_of_syncing()):
    _answer_head(_router)
    api.add_router("", _router)


@api.exception_handler(Problem)
def _on_problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return problem_response(request, error)


@api.exception_handler(TreeError)
def _on_tree_error(request: HttpRequest, error: TreeError) -> HttpResponse:
    return tree_error_response(request, error)


@api.exception_handler(ValidationError)
def _on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = {_field(one["loc"]): in_words(one) for one in error.errors}
    return problem_response(request, Problem(422, " ".join(f"{f}: {what}" for f, what in errors.items()), errors))


@api.exception_handler(HttpError)
def _on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    cause = error.__cause__  # django-ninja puts its own refusal around those of ``JsonBody``
    return problem_response(request, cause if isinstance(cause, Problem) else Problem(error.status_code, str(error)))


@api.exception_handler(Http404)
def _on_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(request, Problem(404, "There is no such address."))


@api.exception_handler(UnreadablePostError)
def _on_unreadable(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
    return problem_response(request, Problem(400, "The request broke off."))


@api.exception_handler(Exception)
def _on_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """The middleware and ``handler500`` answer it, not django-ninja, which would send a traceback with DEBUG."""
    raise error


def urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    """The routes. Who comes with a session needs a CSRF token, as everywhere; django-ninja would not ask for it."""
    patterns, app_name, namespace = api.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and hasattr(pattern.callback, "csrf_exempt"):
            pattern.callback.csrf_exempt = False
    return patterns, app_name, namespace


def _field(place: tuple[str | int, ...]) -> str:
    """The field of an error: ``name``, ``companies.2``; without the function's name of the whole body."""
    source, *inner = place
    if source in ("body", "form", "file", "query", "path", "header") and len(inner) > 1 and source == "body":
        inner = inner[1:]
    return ".".join(str(one) for one in inner) or str(source)
