"""What URLs contain: whole numbers, and Django forms for the query strings of pages with filters and pagination."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.urls import get_script_prefix
from django.urls.converters import IntConverter

LARGEST = 999_999_999  # fits every column of SQL and every integer of Neo4j


def without_prefix(address: str) -> str:
    """An address of this site as texts keep it: without the prefix that a proxy serves the site below."""
    return "/" + address.removeprefix(get_script_prefix())


class NumberConverter(IntConverter):
    """The part ``<number:…>`` of a URL: at most nine digits, so that every database can store it."""

    regex = "[0-9]{1,9}"


def whole_number(typed: str | None, least: int = 0, most: int = LARGEST) -> int | None:
    """The number that these ASCII digits are; None if they are none, or lie outside ``least`` to ``most``."""
    digits = (typed or "").lstrip("0") or "0"
    if not typed or not typed.isascii() or not typed.isdecimal() or len(digits) > len(str(LARGEST)):
        return None
    return int(digits) if least <= int(digits) <= most else None


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


def date_field() -> forms.DateField:
    """A date on which every clock of the world can be computed with; None by default."""
    earliest, latest = MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(9000, 1, 1))
    return forms.DateField(required=False, validators=[earliest, latest])


class PageForm(AddressForm):
    """The base of forms for paginated lists."""

    page = number_field(1, initial=1, most=9_999)
