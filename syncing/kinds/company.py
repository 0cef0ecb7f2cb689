"""Defines companies, the clients of the MSP."""

from typing import Any

from msgspec import Struct, structs

from syncing.kinds.declaration.desired import Desired
from syncing.kinds.declaration.documents import text_as_markdown
from syncing.kinds.declaration.key import company_key
from syncing.kinds.declaration.kind import Kind
from syncing.kinds.declaration.names import clean_name
from syncing.kinds.declaration.validation import Account, Line, Name, Text, as_list
from tree.text.escaping import escaped


class Company(Struct, kw_only=True, gc=False):
    """``GET /api/companies``."""

    account_number: Account
    name: Name
    description: Text | None = None
    compliance_level: Line | None = None
    billing_plan: Line | None = None
    contract_term_length: Line | None = None
    contract_start_date: Line | None = None
    contract_end_date: Line | None = None
    support_level: Line | None = None
    profit_or_non_profit: Line | None = None
    company_main_number: Line | None = None
    company_start_date: Line | None = None
    domains: Line | None = None
    phone_system: Line | None = None
    email_system: Line | None = None


class Companies(Kind[Company]):
    record = Company
    label = "Company"
    list_name = "companies"
    title = "Companies"
    folder = ("", "Companies")  # the folder of all companies, which belongs to no single company
    bodies = ("description",)

    def key(self, account: str, codex_id: object) -> str:
        return company_key(str(codex_id))

    def node_name(self, record: Company) -> str:
        return clean_name(record.name)

    def document(self, record: Company) -> str:
        """The company's name and description; its other facts are properties of the node."""
        lines = [f"# {escaped(record.name)}", ""]
        if record.description:
            lines += [text_as_markdown(record.description), ""]
        return "\n".join(lines)

    def properties(self, record: Company, node: Desired, account: str) -> dict[str, Any]:
        return structs.asdict(record) | {"domains": as_list(record.domains), "content": self.document(record)}
