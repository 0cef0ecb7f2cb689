"""The pages of webhooks, for admins: who is told of what, and what was sent."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from knowledgetree.accounts.login import kept_forms, shown_once
from knowledgetree.accounts.login.shown_once import Shown
from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from knowledgetree.basics.address_forms import AddressForm, choice_field, number_field
from knowledgetree.webhooks import deliveries, events
from knowledgetree.webhooks.addresses import AddressRefused, checked_url, refuse_host
from knowledgetree.webhooks.event_types import EACH_RECORD, TO_CHOOSE, EventType
from knowledgetree.webhooks.models import Delivery, Endpoint
from knowledgetree.webhooks.secrets import encrypted, new_secret

ROWS = 50
_AT_FIRST = [value for value, _ in TO_CHOOSE if value not in EACH_RECORD]


class EndpointForm(forms.Form):
    """A new endpoint: what it is called, where it is, and what it is told."""

    name = forms.CharField(max_length=100, label="What it is for")
    url = forms.CharField(max_length=500, label="Address", widget=forms.URLInput(attrs={"class": "whole"}))
    events = forms.MultipleChoiceField(
        choices=TO_CHOOSE,
        widget=forms.CheckboxSelectMultiple,
        label="What it is told",
        error_messages={"required": "Choose at least one."},
    )

    def clean_url(self) -> str:
        try:
            url = checked_url(self.cleaned_data["url"])
            refuse_host(url)
        except AddressRefused as error:
            raise ValidationError(str(error)) from error
        return url


class LogForm(AddressForm):
    """Which deliveries are shown."""

    state = choice_field(Delivery.State.values)
    before = number_field(1, most=2**53)


@never_cache
@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    """All endpoints, and the form for a new one."""
    kept = kept_forms.take(request, "webhook-add", EndpointForm)
    return _page(request, EndpointForm(initial={"events": _AT_FIRST} | kept))


@never_cache
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add an endpoint; its page then shows its secret once."""
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    secret, given = new_secret(), form.cleaned_data
    endpoint = Endpoint.objects.create(
        name=given["name"],
        url=given["url"],
        events=given["events"],
        secret=encrypted(secret),
        created_by=cast(User, request.user),
    )
    _record(endpoint, "added")
    return _show_secret(request, endpoint, secret)


@never_cache
@require_safe
def webhook(request: HttpRequest, number: int) -> HttpResponse:
    """An endpoint: what it is told, and what was sent to it, the newest first."""
    return _endpoint_page(request, get_object_or_404(Endpoint, pk=number), made=shown_once.take(request, _of(number)))


@never_cache
@require_POST
def make_secret(request: HttpRequest, number: int) -> HttpResponse:
    """Give an endpoint a new secret, which its page then shows once. The old one is not used any more."""
    endpoint, secret = get_object_or_404(Endpoint, pk=number), new_secret()
    Endpoint.objects.filter(pk=number).update(secret=encrypted(secret))
    _record(endpoint, "new secret")
    return _show_secret(request, endpoint, secret)


@require_POST
def choose(request: HttpRequest, number: int) -> HttpResponse:
    """Change what an endpoint is told."""
    endpoint = get_object_or_404(Endpoint, pk=number)
    chosen = [value for value, _ in TO_CHOOSE if value in request.POST.getlist("events")]
    if not chosen:
        messages.error(request, "Choose at least one kind of event, or switch the webhook off.")
    else:
        Endpoint.objects.filter(pk=number).update(events=chosen)
        _record(endpoint, "other events")
        messages.success(request, "Saved.")
    return redirect("webhook", number)


@require_POST
def switch(request: HttpRequest, number: int) -> HttpResponse:
    """Switch an endpoint off or on. ``on``: 1 or 0; anything else changes nothing."""
    endpoint = get_object_or_404(Endpoint, pk=number)
    if request.POST.get("on") not in ("0", "1"):
        return _endpoint_page(request, endpoint, wrong="Send on=1 to switch it on, or on=0 to switch it off.")
    is_on = request.POST["on"] == "1"
    Endpoint.objects.filter(pk=number).update(
        disabled_at=None if is_on else timezone.now(), disabled_why="", failing_since=None
    )
    if is_on:
        events.ask_for_job()  # what has waited
    _record(endpoint, "switched on" if is_on else "switched off")
    return redirect("webhook", number)


@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Remove an endpoint and the log of what was sent to it."""
    endpoint = get_object_or_404(Endpoint, pk=number)
    endpoint.delete()
    _record(endpoint, "removed")
    messages.success(request, f"“{endpoint.name}” is told nothing any more.")
    return redirect("webhooks")


@require_POST
def test(request: HttpRequest, number: int) -> HttpResponse:
    """Send a test event."""
    endpoint = get_object_or_404(Endpoint, pk=number)
    if endpoint.disabled_at:
        messages.error(request, "Switch it on first.")
    else:
        events.queue([endpoint], EventType.TEST, {"by": request.user.get_username()})
        messages.success(request, "A test event is on its way. Load this page again in a moment.")
    return redirect("webhook", number)


@require_POST
def again(request: HttpRequest, number: int, delivery: int) -> HttpResponse:
    """Send an event once more, with the same id."""
    deliveries.send_again(get_object_or_404(Delivery, pk=delivery, endpoint_id=number))
    events.ask_for_job()
    messages.success(request, "It is sent once more. Load this page again in a moment.")
    return redirect("webhook", number)


def _show_secret(request: HttpRequest, endpoint: Endpoint, secret: str) -> HttpResponse:
    shown_once.keep(request, _of(endpoint.pk), Shown(endpoint.name, secret))
    return redirect("webhook", endpoint.pk)


def _of(number: int) -> str:
    return f"webhook {number}"


def _record(endpoint: Endpoint, what: str) -> None:
    log.record(Action.WEBHOOK_CHANGED, detail=f"{endpoint.name}: {what}")


def _page(request: HttpRequest, form: EndpointForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "endpoints": Endpoint.objects.all()[:500]}
    return render(request, "webhooks/webhooks.html", context, status=status)


def _endpoint_page(request: HttpRequest, endpoint: Endpoint, *, wrong: str = "", **more: Any) -> HttpResponse:
    given = LogForm(request.GET).given()
    found = endpoint.deliveries.filter(**({"state": given["state"]} if given["state"] else {}))
    rows = list((found.filter(pk__lt=given["before"]) if given["before"] else found)[: ROWS + 1])
    context = {
        "endpoint": endpoint,
        "rows": rows[:ROWS],
        "state": given["state"],
        "states": Delivery.State.choices,
        "next": rows[ROWS - 1].pk if len(rows) > ROWS else None,
        "choices": [(value, words, value in endpoint.events) for value, words in TO_CHOOSE],
        "wrong": wrong,
        **more,
    }
    return render(request, "webhooks/webhook.html", context, status=422 if wrong else 200)
