"""Companies: the clients."""

from tree.kinds.declaration.about import About
from tree.kinds.declaration.base import ContextItem
from tree.kinds.declaration.fields import Code, Codes, Phone, Text, Time
from tree.kinds.declaration.listing import FilterBy, Listing


class Company(ContextItem):
    """A client. Key ``company:<account number>``."""

    about = About(
        singular="Company",
        plural="Companies",
        icon="building-2",
        what="a client",
        key="`company:<acct>`",
        is_record=True,
        variables={"name": "name", "account": "account_number", "phone": "company_main_number"},
        shown_as_folder=True,
        weight=4.0,  # companies and people are few, and most searches look for them
        summary=("account_number",),
        columns=("name", "account_number", "compliance_level", "support_level", "archived_at", "updated_at"),
        listing=Listing(
            columns=("account_number", "support_level", "compliance_level", "company_main_number", "contract_end_date")
        ),
    )

    account_number = Code("Account", searched=True, listed=True)
    company_main_number = Phone("Main number", searched=True)
    domains = Codes("Domains", searched=True)
    support_level = Text("Support level", filtered=FilterBy.CHOICE)
    compliance_level = Text("Compliance", listed=True, filtered=FilterBy.CHOICE)
    billing_plan = Text("Billing plan")
    contract_term_length = Text("Contract term")
    contract_start_date = Time("Contract from")
    contract_end_date = Time("Contract until")
    phone_system = Text("Phone system")
    email_system = Text("E-mail system")
    profit_or_non_profit = Text("Business")
    company_start_date = Time("Client since")
    description = Text()

    class Meta:
        app_label = "tree"
        verbose_name_plural = "companies"
