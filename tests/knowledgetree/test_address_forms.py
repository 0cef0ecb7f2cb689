"""Whatever stands in an address: what makes no sense counts as not given."""

import pytest
from django.http import QueryDict

from knowledgetree.basics.address_forms import PageForm, choice_field, number_field, text_field, whole_number
from syncing.pages.plan_form import PlanForm, parameters
from syncing.plan.reading import Filter


class Asked(PageForm):
    kind = choice_field(("User", "Asset"))
    company = text_field(5)
    skip = number_field(0)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", ("", "", None, 1)),
        ("kind=User&company=A 1&skip=0&page=7", ("User", "A 1", 0, 7)),
        ("kind=Nothing&company=longer&skip=-1&page=0", ("", "", None, 1)),
        ("kind=User%00&company=A%00&skip=x&page=²", ("", "", None, 1)),
        ("kind=%20User&company=%20A&skip=1.5&page=10000", ("", " A", None, 1)),
        (f"skip={'9' * 5000}&page=-1&other=1", ("", "", None, 1)),
        ("kind=User&kind=Asset", ("Asset", "", None, 1)),
    ],
)
def test_parameters_are_taken_or_left_out(address: str, expected: tuple[object, ...]) -> None:
    given = Asked(QueryDict(address)).given()
    assert tuple(given[name] for name in ("kind", "company", "skip", "page")) == expected


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("", Filter()),
        ("action=update&kind=User&company=A1&held=1&noted=1&q=ana", Filter("update", "User", "A1", "1", True, "ana")),
        ("company=-", Filter(company="")),
        ("action=rm&kind=Nothing&held=x&noted=0", Filter()),
        ("q=%20two%20%20words%20", Filter(words="two words")),
        (f"q={'x' * 300}", Filter(words="x" * 200)),
    ],
)
def test_the_filter_of_a_plan_there_and_back(address: str, wanted: Filter) -> None:
    assert PlanForm(QueryDict(address)).read() == (wanted, 1)
    again = QueryDict(mutable=True)
    again.update(parameters(wanted))
    assert PlanForm(again).read() == (wanted, 1)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("7", 7),
        ("0007", 7),
        ("0" * 500 + "50", 50),
        ("51", None),
        ("00000000051", None),
        ("0", None),
        ("9" * 5000, None),
        ("", None),
        (None, None),
        (" 7", None),
        ("-7", None),
        ("7.0", None),
        ("²", None),
        ("٣", None),
    ],
)
def test_a_whole_number_is_within_its_limits(typed: str | None, number: int | None) -> None:
    assert whole_number(typed, 1, 50) == number
