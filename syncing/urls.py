"""Addresses of the syncs' pages."""

from django.urls import path

from syncing import views

urlpatterns = [
    path("sync/", views.run_list, name="sync"),
    path("sync/start/", views.start, name="sync-start"),
    path("sync/pill/", views.pill, name="sync-pill"),
    path("sync/runs/<int:run_id>/", views.run_detail, name="sync-run"),
    path("sync/runs/<int:run_id>/progress/", views.run_progress, name="sync-run-progress"),
    path("sync/runs/<int:run_id>/cancel/", views.cancel, name="sync-cancel"),
    path("sync/runs/<int:run_id>.json", views.run_json, name="sync-run-json"),
]
