"""The forms of people in the Django admin: who somebody is, and the one group that says what they may do."""

import secrets
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from unfold.forms import UserChangeForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget, UnfoldAdminRadioSelectWidget

from knowledgetree.accounts.rights.policy import GROUPS, Role, role_of

_RIGHTS = {
    Role.ADMIN: "Admin: everything, also people, syncs and deleting for good",
    Role.TECHNICIAN: "Technician: reads everything, writes notes and folders",
    Role.BILLING: "Billing: reads everything but tickets",
    Role.CLIENT: "Client: reads the companies that an admin opens to them, without tickets",
}
_DESCRIBED = ("username", "first_name", "last_name", "email")
_FIRST_PASSWORD_BYTES = 12


def _group_field(**more: Any) -> forms.ChoiceField:
    choices = [(role.value, words) for role, words in _RIGHTS.items()]
    if not more.get("required", True):
        choices.append(("", "None: may log in, and sees nothing"))
    return forms.ChoiceField(choices=choices, widget=UnfoldAdminRadioSelectWidget(choices=choices), **more)


def _put_into_group(user: User, name: str) -> None:
    """Make this the person's only group of ``policy``."""
    user.groups.remove(*Group.objects.filter(name__in=GROUPS).exclude(name=name))
    if name:
        user.groups.add(Group.objects.get(name=name))


class NewPersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new person. Without a password, one is made: ``first_password`` after the form was saved."""

    group = _group_field()
    password = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = _DESCRIBED

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first_password = ""
        self.fields["username"].help_text = "The name to log in with: letters, digits and @ . + - _"
        self.fields["email"].widget = UnfoldAdminEmailInputWidget()
        self.fields["password"].help_text = (
            "If you leave it empty, a first password is made and shown to you once. "
            + password_validators_help_text_html()
        )

    def clean_password(self) -> str:
        typed = str(self.cleaned_data["password"])
        if typed:
            validate_password(typed, User(**{name: self.data.get(name, "") for name in _DESCRIBED}))
        return typed

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError("Somebody has this name already.")
        return name

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=False)
        typed = self.cleaned_data["password"]
        self.first_password = "" if typed else secrets.token_urlsafe(_FIRST_PASSWORD_BYTES)
        user.set_password(typed or self.first_password)
        if commit:
            user.save()
            self._save_m2m()
        return user

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        _put_into_group(self.instance, self.cleaned_data["group"])


class PersonForm(UserChangeForm):
    """A person that exists: the same, and one group."""

    group = _group_field(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = format_html(
            'Only its fingerprint is stored. <a href="{}" class="underline">Set another</a>', "../password/"
        )
        self.fields["username"].help_text = ""
        self.fields["is_active"].label = "May log in"
        self.fields["is_active"].help_text = "Take this away rather than delete somebody: their notes keep the name."
        groups = set(self.instance.groups.values_list("name", flat=True)) if self.instance.pk else set()
        self.initial["group"] = next((name for name in GROUPS if name in groups), "")
        if role_of(self.instance) is Role.ADMIN and not groups:
            self.fields["group"].help_text = "A superuser is an admin, whatever the group."

    def _save_m2m(self) -> None:
        super()._save_m2m()
        if "group" in self.changed_data:
            _put_into_group(self.instance, self.cleaned_data["group"])
