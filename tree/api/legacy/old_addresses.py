"""Addresses of the old application's pages for administrators and programmers, and where these pages are now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe


@require_safe
def admin_settings(request: HttpRequest) -> HttpResponse:
    """Redirect from the page that had a sync button, export and import."""
    return redirect("exchange")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Redirect from the page that described the API."""
    return redirect(f"{reverse('home')}api/v1/docs")


@require_safe
def apispec(request: HttpRequest) -> HttpResponse:
    """Redirect from the description of the API for programs."""
    return redirect(f"{reverse('home')}api/v1/openapi.json")
