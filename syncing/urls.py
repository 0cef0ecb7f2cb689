"""Addresses of the syncs' pages."""

from django.urls import path

from syncing import (
    history_views,
    plan_views,
    quarantine_views,
    schedule_views,
    scope_views,
    timemachine_views,
    undo_views,
    views,
)

urlpatterns = [
    path("sync/", views.run_list, name="sync"),
    path("sync/state/", views.sync_state, name="sync-state"),
    path("sync/start/", views.start, name="sync-start"),
    path("sync/companies/", scope_views.company_options, name="sync-companies"),
    path("sync/pause/", scope_views.pause, name="sync-pause"),
    path("sync/pill/", views.pill, name="sync-pill"),
    path("sync/runs/<int:run_id>/", views.run_detail, name="sync-run"),
    path("sync/runs/<int:run_id>/progress/", views.run_progress, name="sync-run-progress"),
    path("sync/runs/<int:run_id>/cancel/", views.cancel, name="sync-cancel"),
    path("sync/runs/<int:run_id>.json", views.run_json, name="sync-run-json"),
    path("sync/runs/<int:run_id>/records/", history_views.records, name="sync-run-records"),
    path("sync/runs/<int:run_id>/retry/", history_views.retry, name="sync-run-retry"),
    path("sync/runs/<int:run_id>/undo/", undo_views.undo_run, name="sync-run-undo"),
    path("sync/runs/<int:run_id>/plan.csv", plan_views.download, {"ending": "csv"}, name="sync-plan-csv"),
    path("sync/runs/<int:run_id>/plan.json", plan_views.download, {"ending": "json"}, name="sync-plan-json"),
    path("sync/runs/<int:run_id>/apply/", plan_views.apply, name="sync-apply"),
    path("sync/runs/<int:run_id>/approve/", plan_views.approve, name="sync-approve"),
    path("sync/runs/<int:run_id>/discard/", plan_views.discard, name="sync-discard"),
    path("sync/quarantine/", quarantine_views.quarantine_list, name="sync-quarantine"),
    path("node/<str:uid>/changes/", timemachine_views.node_changes, name="node-changes"),
    path("sync/schedules/", schedule_views.schedule_list, name="sync-schedules"),
    path("sync/schedules/recommended/", schedule_views.schedule_recommended, name="sync-schedules-recommended"),
    path("sync/schedules/<slug:command>/", schedule_views.schedule_edit, name="sync-schedule"),
    path("sync/schedules/<slug:command>/pause/", schedule_views.schedule_pause, name="sync-schedule-pause"),
]
