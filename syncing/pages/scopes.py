"""Lists the companies that a run can be limited to, and pauses or resumes their sync."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from syncing.decisions import pauses
from syncing.runs import scopes


@require_safe
def company_options(request: HttpRequest) -> HttpResponse:
    """All live companies as options, loaded when somebody begins to fill in the company field."""
    return render(request, "syncing/_company_options.html", {"companies": scopes.live_companies()})


@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Pause or resume a company. ``company``: account number; ``pause``: 1 or 0; ``reason``; ``next``: return page."""
    account, wanted = request.POST.get("company", "").strip(), request.POST.get("pause")
    if not account or wanted not in ("0", "1"):
        return HttpResponseBadRequest("Give company (an account number) and pause (1 or 0).", content_type="text/plain")
    if wanted == "1" and not pauses.names([account]):
        messages.error(request, f"The tree holds no company with the account number {account[:60]!r}.")
    elif wanted == "1":
        pauses.pause(account, cast(User, request.user), request.POST.get("reason", ""))
        messages.success(request, f"The sync of {account} is paused. A run that has begun may still change it.")
    elif pauses.resume(account):
        messages.success(request, f"The sync of {account} goes on with the next run.")
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if is_ours else "sync")
