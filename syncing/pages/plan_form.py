"""Converts the query string of a plan's page to a filter and back."""

from knowledgetree.basics.address_forms import PageForm, choice_field, text_field
from syncing.plan.plan_files import ACTIONS
from syncing.plan.reading import Filter
from tree.kinds import KINDS

NO_COMPANY = "-"  # stands for rows without a company in a query string
_WORDS_CHARACTERS = 200


class PlanForm(PageForm):
    """The filter and the page number of a plan."""

    action = choice_field(ACTIONS)
    kind = choice_field(KINDS)
    company = text_field(255)
    held = choice_field(("0", "1"))
    noted = choice_field(("1",))
    q = text_field(10_000)

    def read(self) -> tuple[Filter, int]:
        """Read the filter and the page number."""
        given = self.given()
        company = given["company"]
        words = " ".join(given["q"].split())[:_WORDS_CHARACTERS]
        return Filter(
            given["action"],
            given["kind"],
            None if not company else "" if company == NO_COMPANY else company,
            given["held"],
            bool(given["noted"]),
            words,
        ), given["page"]


def parameters(wanted: Filter) -> dict[str, str]:
    """The query parameters for a filter."""
    company = None if wanted.company is None else wanted.company or NO_COMPANY
    named = {
        "action": wanted.action,
        "kind": wanted.kind,
        "company": company,
        "held": wanted.held,
        "noted": "1" if wanted.noted else "",
        "q": wanted.words,
    }
    return {name: value for name, value in named.items() if value}
