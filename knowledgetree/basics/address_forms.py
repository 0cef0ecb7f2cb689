"""Django forms for the query string of a URL, for pages with filters and pagination."""

from collections.abc import Iterable
from typing import Any

from django import forms


class AddressForm(forms.Form):
    """A form that refuses nothing, because anybody can type a URL: an invalid value counts as missing."""

    def given(self) -> dict[str, Any]:
        """The value of each field, or its ``initial`` value if none is given."""
        self.full_clean()
        return {name: self._or_initial(self.cleaned_data.get(name), field) for name, field in self.fields.items()}

    def _or_initial(self, value: Any, field: forms.Field) -> Any:
        return field.initial if value in field.empty_values else value


def text_field(longest: int = 200) -> forms.CharField:
    """A text; "" by default."""
    return forms.CharField(required=False, strip=False, max_length=longest, initial="")


def choice_field(names: Iterable[str]) -> forms.ChoiceField:
    """One of these names; "", the default, stands for all."""
    return forms.ChoiceField(required=False, choices=[(name, name) for name in names], initial="")


def number_field(least: int, initial: int | None = None, most: int = 9_999_999) -> forms.IntegerField:
    """A whole number; ``initial`` by default."""
    return forms.IntegerField(required=False, min_value=least, max_value=most, initial=initial)


class PageForm(AddressForm):
    """The base of forms for paginated lists."""

    page = number_field(1, initial=1, most=9_999)
