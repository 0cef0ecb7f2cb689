"""Which rows of a plan an address asks for, and back."""

from knowledgetree.basics.address_forms import PageForm, choice_field, text_field
from syncing.plan.files import ACTIONS
from syncing.plan.rows import Filter
from tree.kinds import KINDS

NO_COMPANY = "-"  # in an address: rows that belong to no company
_WORDS_CHARACTERS = 200


class PlanForm(PageForm):
    """The filter of a plan, and its page."""

    action = choice_field(ACTIONS)
    kind = choice_field(KINDS)
    company = text_field(255)
    held = choice_field(("0", "1"))
    noted = choice_field(("1",))
    q = text_field(10_000)

    def read(self) -> tuple[Filter, int]:
        """The filter, and the number of the page."""
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
    """As an address asks for it."""
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
