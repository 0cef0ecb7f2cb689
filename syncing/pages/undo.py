"""Handles the button "Undo this run", which creates a plan that is reviewed and applied like any other."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from syncing.decisions import undo
from syncing.exceptions import UndoRefused
from syncing.models import SyncRun


@require_POST
def undo_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Request the plan that undoes this run and show it. Nothing is written before the plan is applied."""
    run = get_object_or_404(SyncRun, pk=run_id)
    try:
        plan = undo.ask(run, cast(User, request.user))
    except UndoRefused as refused:
        messages.error(request, str(refused))
        return redirect("sync-run", run.pk)
    return redirect("sync-run", plan.pk)
