"""Defines the URLs of the sync pages."""

from django.urls import path

from syncing.pages import legacy, plan, quarantine, record_history, run_records, runs, schedules, scopes, undo
from tree.api import withheld_routes

plan_download = withheld_routes.of_everything(plan.download)
urlpatterns = [
    path("sync/", runs.run_list, name="sync"),
    path("sync/state/", runs.sync_state, name="sync-state"),
    path("sync/start/", runs.start, name="sync-start"),
    path("sync/companies/", scopes.company_options, name="sync-companies"),
    path("sync/pause/", scopes.pause, name="sync-pause"),
    path("sync/pill/", runs.pill, name="sync-pill"),
    path("sync/runs/<number:run_id>/", runs.run_detail, name="sync-run"),
    path("sync/runs/<number:run_id>/progress/", runs.run_progress, name="sync-run-progress"),
    path("sync/runs/<number:run_id>/cancel/", runs.cancel, name="sync-cancel"),
    path("sync/runs/<number:run_id>.json", runs.run_json, name="sync-run-json"),
    path("sync/runs/<number:run_id>/records/", run_records.records, name="sync-run-records"),
    path("sync/runs/<number:run_id>/retry/", run_records.retry, name="sync-run-retry"),
    path("sync/runs/<number:run_id>/undo/", undo.undo_run, name="sync-run-undo"),
    path("sync/runs/<number:run_id>/plan.csv", plan_download, {"ending": "csv"}, name="sync-plan-csv"),
    path("sync/runs/<number:run_id>/plan.json", plan_download, {"ending": "json"}, name="sync-plan-json"),
    path("sync/runs/<number:run_id>/apply/", plan.apply, name="sync-apply"),
    path("sync/runs/<number:run_id>/approve/", plan.approve, name="sync-approve"),
    path("sync/runs/<number:run_id>/discard/", plan.discard, name="sync-discard"),
    path("admin/sync/status", legacy.status, name="legacy-sync-status"),
    path("admin/sync/codex", legacy.sync_codex, name="legacy-sync-codex"),
    path("admin/sync/tickets", legacy.sync_tickets, name="legacy-sync-tickets"),
    path("sync/quarantine/", quarantine.quarantine_list, name="sync-quarantine"),
    path("node/<str:uid>/changes/", record_history.node_changes, name="node-changes"),
    path("sync/schedules/", schedules.schedule_list, name="sync-schedules"),
    path("sync/schedules/recommended/", schedules.schedule_recommended, name="sync-schedules-recommended"),
    path("sync/schedules/<slug:command>/", schedules.schedule_edit, name="sync-schedule"),
    path("sync/schedules/<slug:command>/pause/", schedules.schedule_pause, name="sync-schedule-pause"),
]
