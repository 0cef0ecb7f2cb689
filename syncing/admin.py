"""Adds the syncs to the Django admin: runs, refusals, pauses and schedules. The history is read-only.

Pauses are set here. The list of companies gets its sync actions here, because the tree does not know about syncs.
"""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.forms import CharField, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from syncing.decisions import pauses
from syncing.models import FailedJob, NodeChange, PausedCompany, QuarantinedRecord, RefusedRecord, SyncRun, SyncSchedule
from syncing.runs import lifecycle, scopes
from syncing.schedules.due import described
from tree.admin.graph_admin import NodeAdmin
from tree.admin.read_only import ReadOnlyAdmin
from tree.admin.read_only import time_column as _time
from tree.kinds import Company

_NAME_CHARACTERS = 60  # one long name would push all other columns out of sight
COMPANIES_AT_ONCE = 50  # companies fetched one by one; for more, a run of all is quicker


class _Record(ReadOnlyAdmin):
    """A read-only admin of the history."""

    actions: Any = ()
    show_full_result_count = False


@admin.register(SyncRun)
class SyncRunAdmin(_Record):
    list_display = (
        "id",
        "command",
        "what",
        "outcome",
        "who",
        _time("created_at", "asked for"),
        _time("finished_at", "ended"),
    )
    list_filter = ("command", "status", "trigger", "dry_run")
    list_select_related = ("started_by",)
    search_fields = ("=id", "reason", "companies", "started_by__username")
    search_help_text = "A number, an account number, a name, words of the reason."
    date_hierarchy = "created_at"

    @admin.display(description="what")
    def what(self, run: SyncRun) -> str:
        if run.undoes_id:
            return f"{'plan to undo' if run.dry_run else 'undoes'} run {run.undoes_id}"
        if run.applies_id:
            return f"applies the plan of run {run.applies_id}"
        return "check" if run.dry_run else "sync"

    @admin.display(description="outcome", ordering="status")
    def outcome(self, run: SyncRun) -> str:
        return run.outcome

    @admin.display(description="started by", ordering="started_by__username")
    def who(self, run: SyncRun) -> str:
        return f"{run.who}, {run.get_trigger_display()}" if run.who else run.started_by_whom

    def view_on_site(self, obj: SyncRun) -> str:
        return reverse("sync-run", args=[obj.pk])


@admin.register(RefusedRecord)
class RefusedRecordAdmin(_Record):
    list_display = ("id", "run", "kind", "account", "codex_id", "became", "reason")
    ordering = ("-id",)
    list_filter = ("kind", "fault", "is_notice", "is_skipped")
    list_select_related = ("run",)
    search_fields = ("account", "codex_id", "reason")

    @admin.display(description="what became of it")
    def became(self, record: RefusedRecord) -> str:
        return "noticed only" if record.is_notice else "skipped" if record.is_skipped else "refused"


@admin.register(QuarantinedRecord)
class QuarantinedRecordAdmin(_Record):
    list_display = ("__str__", "command", "reason", _time("since", "refused since"), "last_run")
    ordering = ("-since", "-id")
    list_filter = ("command", "kind", "fault")
    list_select_related = ("last_run",)
    search_fields = ("account", "codex_id", "reason")


@admin.register(NodeChange)
class NodeChangeAdmin(_Record):
    list_display = ("short_name", "kind", "action", "account", "run", _time("at", "when"))
    ordering = ("-id",)
    list_filter = ("action", "kind")
    list_select_related = ("run",)
    search_fields = ("name", "codex_key", "account")

    @admin.display(description="name", ordering="name")
    def short_name(self, change: NodeChange) -> str:
        return Truncator(change.name).chars(_NAME_CHARACTERS)

    def view_on_site(self, obj: NodeChange) -> str:
        return reverse("node", args=[obj.node_id])


@admin.register(SyncSchedule)
class SyncScheduleAdmin(_Record):
    """A read-only admin of schedules, which are edited and checked on the page of the syncs."""

    list_display = ("command", "rule", "state", _time("due_at", "next"), "last_run", "changed_by")
    list_filter = ("kind", "is_paused")
    list_select_related = ("last_run", "changed_by")
    search_fields = ("command", "cron")

    @admin.display(description="runs")
    def rule(self, schedule: SyncSchedule) -> str:
        return described(schedule)

    @admin.display(description="state", ordering="is_paused")
    def state(self, schedule: SyncSchedule) -> str:
        return "paused" if schedule.is_paused else "off" if schedule.kind == SyncSchedule.Kind.OFF else "on"


@admin.register(FailedJob)
class FailedJobAdmin(_Record):
    """Jobs that failed, with their errors."""

    list_display = ("name", "func", "cluster", _time("failed_at", "when"), "reason")
    ordering = ("-id",)
    list_filter = ("cluster", "func")
    search_fields = ("name", "error")


class _PauseForm(ModelForm):  # type: ignore[type-arg]
    account_number = CharField(
        max_length=255, help_text="Or the name of a company in the tree.", widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = PausedCompany
        fields = ("account_number", "reason")

    def clean_account_number(self) -> str:
        """Resolve a company name to its account number before the check whether the company is already paused."""
        return scopes.accounts_of([self.cleaned_data["account_number"]])[0]


@admin.register(PausedCompany)
class PausedCompanyAdmin(ModelAdmin):
    """Paused companies: adding one pauses its sync, deleting it resumes the sync."""

    form = _PauseForm
    list_display = ("account_number", "reason", "paused_by", _time("paused_at", "since"))
    list_filter = ("paused_at",)
    list_select_related = ("paused_by",)
    search_fields = ("account_number", "reason")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PausedCompany, form: Any, change: bool) -> None:
        obj.paused_by = cast(User, request.user)
        super().save_model(request, obj, form, change)


class PausedFilter(admin.SimpleListFilter):
    """Filters companies by whether their sync is paused."""

    title = "sync"
    parameter_name = "sync"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("paused", "Paused")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(account_number__in=sorted(pauses.accounts())) if self.value() == "paused" else queryset


admin.site.unregister([Company])


class SyncedCompanyAdmin(NodeAdmin):
    """Companies with actions for their sync."""

    list_filter = (*NodeAdmin.list_filter, PausedFilter)
    actions: Any = ("sync_now", "check_now", "pause_sync", "resume_sync")

    @admin.action(description="Sync this company now")
    def sync_now(self, request: HttpRequest, companies: Any) -> None:
        self._ask(request, companies, dry_run=False)

    @admin.action(description="Check this company")
    def check_now(self, request: HttpRequest, companies: Any) -> None:
        self._ask(request, companies, dry_run=True)

    @admin.action(description="Pause its sync")
    def pause_sync(self, request: HttpRequest, companies: Any) -> None:
        for account in (accounts := self._few(request, companies)):
            pauses.pause(account, cast(User, request.user))
        if accounts:
            self._say(request, f"Paused: {', '.join(accounts)}.")

    @admin.action(description="Let its sync go on")
    def resume_sync(self, request: HttpRequest, companies: Any) -> None:
        if accounts := self._few(request, companies):
            resumed = [account for account in accounts if pauses.resume(account)]
            self._say(request, f"Goes on with the next run: {', '.join(resumed)}." if resumed else "None was paused.")

    def _ask(self, request: HttpRequest, companies: Any, dry_run: bool) -> None:
        if not (accounts := self._few(request, companies)):
            return
        user = cast(User, request.user)
        asked = [
            lifecycle.ask(
                command, trigger=SyncRun.Trigger.BUTTON, user=user, companies=accounts, kinds=kinds, dry_run=dry_run
            )[0]
            for command, kinds in scopes.runs_for([scopes.ALL])
        ]
        links = format_html_join(
            ", ", '<a href="{}">run {}</a>', ((reverse("sync-run", args=[r.pk]), r.pk) for r in asked)
        )
        self._say(request, format_html("On their way, one after the other: {}.", links))

    def _few(self, request: HttpRequest, companies: Any) -> list[str]:
        """The account numbers of the selected companies; if there are too many, a message and none."""
        accounts = _accounts(companies)
        if 0 < len(accounts) <= COMPANIES_AT_ONCE:
            return accounts
        many = format_html(
            'At most {} companies at once, and these are {}: nothing was done. <a href="{}">Sync or check all</a>',
            *(COMPANIES_AT_ONCE, len(accounts), reverse("sync")),
        )
        self._say(request, many if accounts else _NONE, messages.ERROR)
        return []

    def _say(self, request: HttpRequest, text: str, level: int = messages.SUCCESS) -> None:
        self.message_user(request, text, level)


_NONE = "None of them is a company of Codex."


def _accounts(companies: Sequence[Any] | QuerySet[Any]) -> list[str]:
    return [str(company.account_number) for company in companies if company.account_number]


admin.site.register([Company], SyncedCompanyAdmin)
