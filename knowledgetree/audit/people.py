"""Records changes of people and their groups, and what else is changed in the Django admin: receivers of signals.

What is rolled back is not recorded.
"""

from functools import partial
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from knowledgetree.accounts.acting import Acting, stated
from knowledgetree.audit.actions import Action
from knowledgetree.audit.log import record

_FIELDS = {
    "username": "name to log in with",
    "first_name": "first name",
    "last_name": "last name",
    "email": "e-mail",
    "password": "password",
    "is_active": "may log in",
    "is_superuser": "superuser",
}
_LOGIN = {"last_login"}


def listen() -> None:
    """Connect the receivers."""
    pre_save.connect(_compare, sender=User, dispatch_uid="audit")
    post_save.connect(_saved, sender=User, dispatch_uid="audit")
    post_delete.connect(_deleted, sender=User, dispatch_uid="audit")
    m2m_changed.connect(_groups_changed, sender=User.groups.through, dispatch_uid="audit")
    post_save.connect(_changed_in_admin, sender=LogEntry, dispatch_uid="audit")


def _compare(sender: Any, instance: User, update_fields: Any = None, **_: Any) -> None:
    """Find out what is about to change."""
    if instance.pk is None or set(update_fields or ()) == _LOGIN:
        return
    written = [name for name in _FIELDS if update_fields is None or name in update_fields]
    before = User.objects.filter(pk=instance.pk).values(*written).first() or {} if written else {}
    changed = [_told(name, getattr(instance, name)) for name in before if before[name] != getattr(instance, name)]
    instance._audited_changes = changed  # type: ignore[attr-defined]


def _saved(sender: Any, instance: User, created: bool, **_: Any) -> None:
    changed = vars(instance).pop("_audited_changes", [])
    if created:
        _record(Action.PERSON_ADDED, instance.get_username())
    elif changed:
        _record(Action.PERSON_CHANGED, f"{instance.get_username()}: {', '.join(changed)}")


def _told(name: str, value: Any) -> str:
    """A field in words, with its new value where that is a yes or no."""
    return f"{_FIELDS[name]} {'yes' if value else 'no'}" if isinstance(value, bool) else _FIELDS[name]


def _deleted(sender: Any, instance: User, **_: Any) -> None:
    _record(Action.PERSON_DELETED, instance.get_username())


def _groups_changed(sender: Any, instance: User | Group, action: str, pk_set: Any = None, **_: Any) -> None:
    """Before and after each step of a change; a group is replaced in two steps."""
    if isinstance(instance, Group) and pk_set is None:  # all of its members: a group is cleared nowhere
        return
    users = [instance] if isinstance(instance, User) else list(User.objects.filter(pk__in=pk_set))
    before = vars(instance).setdefault("_audited_groups", {})
    if action.startswith("pre_"):
        for user in users:
            before.setdefault(user.pk, _groups_of(user))
    else:
        transaction.on_commit(partial(_record_groups, users, before, stated()))


def _record_groups(users: list[User], before: dict[int, str], who: Acting | None) -> None:
    for user in users:
        groups = _groups_of(user)
        if before.pop(user.pk, groups) != groups:
            record(Action.GROUP_CHANGED, detail=f"{user.get_username()}: {groups}", who=who)


def _groups_of(user: User) -> str:
    return ", ".join(sorted(user.groups.values_list("name", flat=True))) or "none"


def _changed_in_admin(sender: Any, instance: LogEntry, **_: Any) -> None:
    kind = instance.content_type
    if kind is not None and kind.model_class() is not User:
        _record(Action.SETTING_CHANGED, f"{kind.name} “{instance.object_repr[:150]}”, {_done(instance)}")


def _done(entry: LogEntry) -> str:
    return "added" if entry.is_addition() else "deleted" if entry.is_deletion() else "changed"


def _record(action: Action, detail: str) -> None:
    transaction.on_commit(partial(record, action, detail=detail, who=stated()))
