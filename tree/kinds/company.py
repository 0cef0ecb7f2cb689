"""Companies: the clients."""

from tree.kinds.declaration.about import About
from tree.kinds.declaration.base import ContextItem
from tree.kinds.declaration.fields import Code, Codes, Phone, Text, Time


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
    )

    account_number = Code("Account", searched=True, listed=True)
    company_main_number = Phone("Main number", searched=True)
    domains = Codes("Domains", searched=True)
    support_level = Text("Support level")
    compliance_level = Text("Compliance", listed=True)
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
