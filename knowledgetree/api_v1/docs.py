"""The page that shows the OpenAPI document and tries it out: Swagger UI, from django-ninja's copies of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


class DocsPage(DocsBase):
    """Like django-ninja's ``Swagger``, in a page of our own, which has the CSRF token for those who are logged in."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        settings = {"layout": "BaseLayout", "deepLinking": True, "url": self.get_openapi_url(api, kwargs)}
        return render(request, "api_docs.html", {"settings": settings})
