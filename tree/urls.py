"""Addresses of the tree's pages."""

from django.urls import path

from tree import api, edit_views, exchange_views, file_views, history_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("browse/", views.browse, name="browse-root"),
    path("browse/<path:path>", views.browse, name="browse"),
    path("view/<str:uid>", views.view, name="view"),
    path("node/<str:uid>/", views.node, name="node"),
    path("node/<str:uid>/rows/", views.node_rows, name="node-rows"),
    path("node/<str:uid>/children/", views.node_children, name="node-children"),
    path("node/<str:uid>/files/", file_views.add, name="node-files"),
    path("node/<str:uid>/files/<str:file_id>/remove/", file_views.remove, name="file-remove"),
    path("node/<str:uid>/files/<str:file_id>/restore/", file_views.restore, name="file-restore"),
    path("files/<str:file_id>/<str:name>", file_views.download, name="file"),
    path("uploads/<str:filename>", file_views.download_by_stored_name, name="uploads"),
    path("node/<str:uid>/edit/", edit_views.edit, name="node-edit"),
    path("node/<str:uid>/draft/", edit_views.draft, name="node-draft"),
    path("node/<str:uid>/tick/", edit_views.tick, name="node-tick"),
    path("node/<str:uid>/history/", history_views.history, name="node-history"),
    path("node/<str:uid>/history/diff/", history_views.difference, name="node-difference"),
    path("node/<str:uid>/history/<int:number>/", history_views.version, name="node-version"),
    path("node/<str:uid>/history/<int:number>/restore/", history_views.restore_version, name="node-restore-version"),
    path("preview/", edit_views.preview, name="preview"),
    path("links/suggest/", edit_views.suggest_links, name="links-suggest"),
    path("tree/", views.tree, name="tree"),
    path("search/", views.search, name="search"),
    path("search/quick/", views.search_quick, name="search-quick"),
    path("exchange/", exchange_views.exchange, name="exchange"),
    path("exchange/export/", exchange_views.export_download, name="export"),
    path("exchange/import/", exchange_views.import_upload, name="import"),
    path("exchange/import/apply/", exchange_views.import_apply, name="import-apply"),
    path("api/search", api.search, name="api-search"),
    path("api/browse", api.browse, name="api-browse"),
    path("api/node", api.create, name="api-create"),
    path("api/node/<str:uid>", api.node, name="api-node"),
    path("api/node/<str:uid>/children", api.children, name="api-children"),
    path("api/node/<str:uid>/browse", api.browse_node, name="api-browse-node"),
    path("api/node/<str:uid>/move", api.move, name="api-move"),
    path("api/upload/<str:uid>", api.upload, name="api-upload"),
]
