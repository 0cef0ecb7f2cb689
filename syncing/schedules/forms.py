"""Defines the form of a schedule, which shows each error beside its field."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from syncing.models import SyncRun, SyncSchedule
from syncing.schedules.cadence import SHORTEST, cron_problem, next_due

_UNITS = {"minutes": 1, "hours": 60, "days": 1440}
_LONGEST_MINUTES = 31 * 1440


class ScheduleForm(forms.Form):
    """``kind`` decides which other fields count; the window counts for intervals and cron expressions."""

    kind = forms.ChoiceField(widget=forms.RadioSelect, label="Run it")
    every = forms.IntegerField(required=False, min_value=1, max_value=_LONGEST_MINUTES, label="Every")
    unit = forms.ChoiceField(choices=[(unit, unit) for unit in _UNITS], required=False, label="Unit")
    cron = forms.CharField(required=False, max_length=100, label="Cron expression")
    window_from = forms.TimeField(
        required=False, label="Start only from", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    window_to = forms.TimeField(
        required=False, label="until", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, schedule: SyncSchedule, answers: QueryDict | None = None) -> None:
        super().__init__(answers, initial=_initial(schedule))
        self.schedule = schedule
        kinds = list(SyncSchedule.Kind.choices)
        if schedule.command == SyncRun.Command.CODEX:
            kinds = [(kind, label) for kind, label in kinds if kind != SyncSchedule.Kind.AFTER]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check the fields that the kind needs."""
        found = super().clean() or {}
        kind = found.get("kind")
        if kind == SyncSchedule.Kind.INTERVAL and "every" not in self.errors:
            self._check_interval(found)
        if kind == SyncSchedule.Kind.CRON and "cron" not in self.errors:
            problem = cron_problem(found.get("cron", "").strip())
            if problem:
                self.add_error("cron", problem)
        self._check_window(found)
        return found

    def changed(self) -> SyncSchedule:
        """The schedule with the values of a valid form, not saved yet."""
        found, schedule = self.cleaned_data, self.schedule
        schedule.kind = found["kind"]
        is_interval = schedule.kind == SyncSchedule.Kind.INTERVAL
        is_cron = schedule.kind == SyncSchedule.Kind.CRON
        schedule.every_minutes = found["every"] * _UNITS[found["unit"] or "hours"] if is_interval else None
        schedule.cron = " ".join(found["cron"].split()) if is_cron else ""
        has_window = is_interval or is_cron
        schedule.window_from = found["window_from"] if has_window else None
        schedule.window_to = found["window_to"] if has_window else None
        return schedule

    def _check_interval(self, found: dict[str, Any]) -> None:
        if not found.get("every"):
            self.add_error("every", "Say how often.")
            return
        minutes = found["every"] * _UNITS[found.get("unit") or "hours"]
        if not SHORTEST.seconds // 60 <= minutes <= _LONGEST_MINUTES:
            self.add_error("every", f"From {SHORTEST.seconds // 60} minutes to 31 days.")

    def _check_window(self, found: dict[str, Any]) -> None:
        if found.get("kind") not in (SyncSchedule.Kind.INTERVAL, SyncSchedule.Kind.CRON):
            return
        first, last = found.get("window_from"), found.get("window_to")
        if (first is None) != (last is None) and not {"window_from", "window_to"} & set(self.errors):
            self.add_error("window_to" if last is None else "window_from", "A window needs both times, or neither.")
        elif first is not None and first == last:
            self.add_error("window_to", "The window is empty: both times are the same.")
        elif not self.errors and next_due(_rule_of(found), timezone.now()) is None:
            self.add_error("window_from", "The cron expression never starts within this window.")


def _rule_of(found: dict[str, Any]) -> SyncSchedule:
    """An unsaved schedule with only the rule, to compute its starts."""
    return SyncSchedule(
        kind=found["kind"],
        every_minutes=(found.get("every") or 0) * _UNITS[found.get("unit") or "hours"],
        cron=found.get("cron", ""),
        window_from=found.get("window_from"),
        window_to=found.get("window_to"),
    )


def _initial(schedule: SyncSchedule) -> dict[str, Any]:
    minutes = schedule.every_minutes or 360
    unit = "days" if minutes % 1440 == 0 else "hours" if minutes % 60 == 0 else "minutes"
    return {
        "kind": schedule.kind,
        "every": minutes // _UNITS[unit],
        "unit": unit,
        "cron": schedule.cron,
        "window_from": schedule.window_from,
        "window_to": schedule.window_to,
    }
