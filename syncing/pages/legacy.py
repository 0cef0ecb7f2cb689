"""The routes by which clients of the old application start syncs. They ask for a run and answer at once."""

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from knowledgetree.accounts.rights.reader_of import reader_of
from syncing.models import SyncRun
from syncing.runs import lifecycle
from tree import queries
from tree.api.legacy.requests import answers_json, body_if_any
from tree.kinds import Ticket


class TicketsWanted(Struct):
    """The body of ``sync_tickets``. ``overwrite`` changed nothing in the old application either."""

    overwrite: bool = False


@require_safe
@answers_json
def status(request: HttpRequest) -> HttpResponse:
    """The numbers of nodes from Codex that the caller may read, without archived ones, and runs that wait or run."""
    counts = queries.count_records(reader=reader_of(request))
    tickets = counts.pop(Ticket.kind(), 0)
    runs = [{"run": run.pk, "command": run.command, "status": run.status} for run in SyncRun.objects.unfinished()]
    return JsonResponse({"company_items": sum(counts.values()), "ticket_count": tickets, "running": runs})


@require_POST
@answers_json
def sync_codex(request: HttpRequest) -> HttpResponse:
    """Ask for a sync of companies, contacts, locations and computers. 409 while one waits or runs."""
    return _asked(request, SyncRun.Command.CODEX, "Codex sync")


@require_POST
@answers_json
def sync_tickets(request: HttpRequest) -> HttpResponse:
    """Ask for a sync of tickets. 409 while one waits or runs."""
    body_if_any(request, TicketsWanted)
    return _asked(request, SyncRun.Command.TICKETS, "Ticket sync")


def _asked(request: HttpRequest, command: SyncRun.Command, what: str) -> HttpResponse:
    lifecycle.settle_dead_runs()
    busy = SyncRun.objects.unfinished().filter(command=command, dry_run=False).first()
    if busy is None:
        user = cast(User, request.user)
        run, is_shared = lifecycle.ask(command, trigger=SyncRun.Trigger.BUTTON, user=user)
        if not is_shared:
            output = f"Run {run.pk} is on its way. Its page: {reverse('sync-run', args=[run.pk])}"
            return JsonResponse({"success": True, "message": f"{what} started", "output": output, "run": run.pk})
        busy = run
    error = f"Run {busy.pk} of this sync is not finished yet. Its page: {reverse('sync-run', args=[busy.pk])}"
    refusal = {"success": False, "message": f"{what} is running already", "error": error, "run": busy.pk}
    return JsonResponse(refusal, status=409)
