"""The Django admin of users, groups, wrong passwords and background jobs."""

from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django_q.admin import QueueAdmin, ScheduleAdmin
from django_q.conf import Conf
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm

from knowledgetree.accounts.login.forms import NewPersonForm, PersonForm
from tree.admin.read_only import ReadOnlyAdmin

for _model in (User, Group, Success, Failure, OrmQ, Schedule):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(User)
class OurUserAdmin(UserAdmin, ModelAdmin):  # type: ignore[type-arg]
    """The admin of users. Rights come from the groups that ``policy`` knows."""

    form = PersonForm
    add_form_template = None  # Django's says that there are more fields later
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    change_form_outer_before_template = "admin/auth/user/heading.html"
    list_display = ("username", "full_name", "email", "in_groups", "is_active", "last_login")
    list_filter = ("groups", "is_active", "is_superuser")
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        ("What they may do", {"fields": ("group",)}),
        ("Password", {"fields": ("password",)}),
    )
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "password")}),
        ("What they may do", {"fields": ("group", "is_active", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    @admin.display(description="name", ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> Any:
        saved = super().save_form(request, form, change)
        saved.first_password = getattr(form, "first_password", "")
        return saved

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """The list, or the page with the first password, which is kept nowhere."""
        password = getattr(obj, "first_password", "")
        if not password:
            return super(UserAdmin, self).response_add(
                request, obj, post_url_continue
            )  # theirs goes on to the change page
        context = {
            **self.admin_site.each_context(request),
            "title": "First password",
            "person": obj,
            "password": password,
        }
        return render(request, "admin/auth/user/first_password.html", context)  # no page of the admin is stored

    @admin.display(description="groups")
    def in_groups(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")


@admin.register(Group)
class OurGroupAdmin(ReadOnlyAdmin, GroupAdmin):
    """The read-only admin of groups: rights depend on their names, so renaming a group would lock its members out."""

    fields = ("name",)
    filter_horizontal = ()


class _OnlyDeletable(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AccessAttempt)
class WrongPasswordsAdmin(_OnlyDeletable):
    """Counts of wrong passwords, by user name and address. Deleting one lets that person try again at once."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "may_try_again")
    fields = list_display
    search_fields = ("username", "ip_address")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, {"title": "Wrong passwords"})
        return response

    @admin.display(description="may try again")
    def may_try_again(self, attempt: AccessAttempt) -> str:
        opens_at = attempt.attempt_time + settings.AXES_COOLOFF_TIME
        if attempt.failures_since_start < settings.AXES_FAILURE_LIMIT or opens_at <= timezone.now():
            return "now"
        return f"at {timezone.localtime(opens_at):%H:%M}, or when this is deleted"


@admin.register(OrmQ)
class WaitingJobAdmin(_OnlyDeletable, QueueAdmin):
    """Jobs that wait for a worker. Deleting one does not stop a job that is already running."""

    list_filter = ("key",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not Conf.ORM:
            self.message_user(request, "The queue is in Redis (Q_BROKER_URL), so no waiting job is listed here.")
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response


@admin.register(Schedule)
class ScheduledJobAdmin(ReadOnlyAdmin, ScheduleAdmin):
    """Schedules, read-only: ``func`` is any Python path, so permission to edit it would be permission to run code."""

    actions = ()
