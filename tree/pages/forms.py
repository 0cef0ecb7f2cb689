"""The forms of the pages that change the tree. ``tree.operations`` enforces the rules for their values."""

import uuid
from typing import cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from tree.exceptions import Conflict, InvalidName, InvalidPlace, InvalidText, Refused
from tree.models import NoteTemplate

INVALID, REFUSED = 422, 409


class ChangeForm(forms.Form):
    """A form whose change the tree may refuse. The reason is then shown beside the field, and the input is kept."""

    status = INVALID

    def refuse(self, error: Exception) -> None:
        """Add the error to its field, or to the form if it has none, and set the status of the response."""
        field = error.field if isinstance(error, Refused) else ""
        self.add_error(field if field in self.fields else None, str(error))
        self.status = INVALID if isinstance(error, InvalidName | InvalidPlace | InvalidText) else REFUSED


def _name_field() -> forms.CharField:
    # tree.graph.validation checks length and characters, with messages that say what to do.
    return forms.CharField(
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off", "spellcheck": "true", "size": 40}),
    )


class NewNodeForm(ChangeForm):
    """A new note or folder. ``uid`` is generated with the form, so that submitting it twice creates one node."""

    kind = forms.ChoiceField(choices=[("note", "note"), ("folder", "folder")], widget=forms.HiddenInput)
    uid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = _name_field()
    template = forms.ModelChoiceField(
        NoteTemplate.objects.none(),
        required=False,
        empty_label="an empty text",
        error_messages={"invalid_choice": "This template is gone, or not for this place. Choose another."},
    )

    is_warning = forms.BooleanField(required=False, label="A warning")

    def __init__(self, templates: "QuerySet[NoteTemplate]", data: QueryDict | None = None, kind: str = "note") -> None:
        super().__init__(data, initial={"kind": kind, "uid": uuid.uuid4()})
        cast("forms.ModelChoiceField[NoteTemplate]", self.fields["template"]).queryset = templates


class RenameForm(ChangeForm):
    """A new name, and the version that its author had on display."""

    name = _name_field()
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def refuse(self, error: Exception) -> None:
        """After a conflict the form contains the present version, so that submitting it again succeeds."""
        super().refuse(error)
        if isinstance(error, Conflict):
            self.data = {**self.data, "name": self.data.get("name", ""), "version": str(error.version)}


class PlaceForm(ChangeForm):
    """The node below which something is to be placed."""

    parent = forms.CharField(max_length=1000, error_messages={"required": "Choose a place."}, widget=forms.HiddenInput)
