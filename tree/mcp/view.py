"""``POST /mcp``, and the description of this resource by which clients learn how to authorize (RFC 9728)."""

from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from knowledgetree import problems
from knowledgetree.accounts.identify import identity_of
from knowledgetree.basics.rights.scopes import Scope
from tree.mcp.callers import Caller, calling

MOST_BYTES = 256 * 1024


@require_POST
def mcp(request: HttpRequest) -> HttpResponse:
    """One message of a client, answered at once. Only a bearer token is taken, no cookie."""
    if not hasattr(request, "identity"):
        return problems.unauthorized(request, "Send a token in the header Authorization: Bearer …")
    if not _is_own(request.headers.get("Origin", ""), request):
        return problems.problem(request, HTTPStatus.FORBIDDEN, "The origin is not this site.")
    if request.content_type != "application/json":
        why = "Send a message as JSON, with Content-Type: application/json."
        return problems.problem(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, why)
    if _is_too_large(request):
        why = f"This is too large: a message may have {MOST_BYTES // 1024} kB."
        return problems.problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)
    from tree.mcp import bridge, server

    present = Caller(request.user, identity_of(request), _site(request))
    with calling(lambda: present):
        return bridge.answer(server.answering(request.body), request)


@require_safe
def resource(request: HttpRequest) -> HttpResponse:
    """What clients read when they are refused: tokens are made here, and there is no authorization server."""
    return JsonResponse(
        {
            "resource": request.build_absolute_uri(reverse("mcp")),
            "resource_name": "KnowledgeTree",
            "bearer_methods_supported": ["header"],
            "scopes_supported": [Scope.READ.value, Scope.TICKETS.value, Scope.WRITE.value],
            "resource_documentation": request.build_absolute_uri(reverse("tokens")),
        }
    )


def _site(request: HttpRequest) -> str:
    """The address of this site without its prefix, which ``reverse`` adds."""
    return f"{request.scheme}://{request.get_host()}"


def _is_own(origin: str, request: HttpRequest) -> bool:
    """Whether a request comes from no page at all, or from one of ours: other pages must not use a person's network."""
    if not origin:
        return True
    return urlsplit(origin).netloc == request.get_host() or origin in settings.CSRF_TRUSTED_ORIGINS


def _is_too_large(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length) > MOST_BYTES
