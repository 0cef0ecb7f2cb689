"""What stands behind the question mark of an address, read as a form of Django's: pages that filter and turn over."""

from collections.abc import Iterable
from typing import Any

from django import forms


class AddressForm(forms.Form):
    """Anybody can type an address, so nothing is refused: what makes no sense counts as not given."""

    def given(self) -> dict[str, Any]:
        """Each field's value; its ``initial`` one where none is given."""
        self.full_clean()
        return {name: self._or_initial(self.cleaned_data.get(name), field) for name, field in self.fields.items()}

    def _or_initial(self, value: Any, field: forms.Field) -> Any:
        return field.initial if value in field.empty_values else value


def text_field(longest: int = 200) -> forms.CharField:
    """Some text, "" without it."""
    return forms.CharField(required=False, strip=False, max_length=longest, initial="")


def choice_field(names: Iterable[str]) -> forms.ChoiceField:
    """One of these names, "" for all."""
    return forms.ChoiceField(required=False, choices=[(name, name) for name in names], initial="")


def number_field(least: int, initial: int | None = None, most: int = 9_999_999) -> forms.IntegerField:
    """A whole number, ``initial`` without it."""
    return forms.IntegerField(required=False, min_value=least, max_value=most, initial=initial)


class PageForm(AddressForm):
    """Of pages that are turned over."""

    page = number_field(1, initial=1, most=9_999)
