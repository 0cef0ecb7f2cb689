"""Companies: the clients."""

from neomodel import ArrayProperty, StringProperty

from tree.kinds.base import ContextItem


class Company(ContextItem):
    """A client. Key ``company:<account number>``."""

    account_number = StringProperty()
    description = StringProperty()
    compliance_level = StringProperty()
    billing_plan = StringProperty()
    contract_term_length = StringProperty()
    contract_start_date = StringProperty()
    contract_end_date = StringProperty()
    support_level = StringProperty()
    profit_or_non_profit = StringProperty()
    company_main_number = StringProperty()
    company_start_date = StringProperty()
    domains = ArrayProperty(StringProperty())
    phone_system = StringProperty()
    email_system = StringProperty()

    class Meta:
        app_label = "tree"
        verbose_name_plural = "companies"
