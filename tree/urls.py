"""Addresses of the tree's pages."""

from django.urls import path

from tree import views

urlpatterns = [
    path("", views.home, name="home"),
    path("browse/", views.browse, name="browse-root"),
    path("browse/<path:path>", views.browse, name="browse"),
    path("view/<str:uid>", views.view, name="view"),
    path("node/<str:uid>/", views.node, name="node"),
    path("node/<str:uid>/rows/", views.node_rows, name="node-rows"),
    path("node/<str:uid>/children/", views.node_children, name="node-children"),
    path("tree/", views.tree, name="tree"),
    path("search/", views.search, name="search"),
    path("search/quick/", views.search_quick, name="search-quick"),
]
