"""The typed fields of a node as facts to read and copy: label, text, and what sort of thing it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.dateparse import parse_date, parse_datetime

TEXT, EMAIL, PHONE, CODE, TIME, FLAG, BYTES, HOURS, TERABYTES = (
    *("text", "email", "phone", "code", "time", "flag", "bytes", "hours", "terabytes"),
)

# kind: (property, label, sort). The order is the order on the page.
_FACTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Company": (
        ("account_number", "Account", CODE),
        ("company_main_number", "Main number", PHONE),
        ("domains", "Domains", CODE),
        ("support_level", "Support level", TEXT),
        ("compliance_level", "Compliance", TEXT),
        ("billing_plan", "Billing plan", TEXT),
        ("contract_term_length", "Contract term", TEXT),
        ("contract_start_date", "Contract from", TIME),
        ("contract_end_date", "Contract until", TIME),
        ("phone_system", "Phone system", TEXT),
        ("email_system", "E-mail system", TEXT),
        ("profit_or_non_profit", "Business", TEXT),
        ("company_start_date", "Client since", TIME),
    ),
    "User": (
        ("email", "E-mail", EMAIL),
        ("mobile_phone_number", "Mobile", PHONE),
        ("work_phone_number", "Work phone", PHONE),
        ("title", "Title", TEXT),
        ("active", "Active", FLAG),
        ("employment_type", "Employment", TEXT),
        ("secondary_emails", "Other e-mails", EMAIL),
        ("account_number", "Account", CODE),
    ),
    "Asset": (
        ("hostname", "Host", CODE),
        ("int_ip_address", "Internal IP", CODE),
        ("ext_ip_address", "External IP", CODE),
        ("online", "Online", FLAG),
        ("last_seen", "Last seen", TIME),
        ("last_logged_in_user", "Last login", CODE),
        ("operating_system", "System", TEXT),
        ("hardware_type", "Hardware", TEXT),
        ("device_type", "Device type", TEXT),
        ("domain", "Domain", CODE),
        ("antivirus_product", "Antivirus", TEXT),
        ("backup_usage_tb", "Backup used", TERABYTES),
        ("backup_data_bytes", "Backup size", BYTES),
        ("account_number", "Account", CODE),
    ),
    "Ticket": (
        ("ticket_number", "Number", CODE),
        ("status", "Status", TEXT),
        ("priority", "Priority", TEXT),
        ("requester_name", "Requester", TEXT),
        ("requester_email", "E-mail", EMAIL),
        ("opened_at", "Opened", TIME),
        ("last_updated_at", "Last change", TIME),
        ("closed_at", "Closed", TIME),
        ("total_hours_spent", "Time spent", HOURS),
        ("account_number", "Account", CODE),
    ),
}


@dataclass(frozen=True)
class Fact:
    """One line of facts; ``values`` are texts, several for a list."""

    label: str
    sort: str
    values: tuple[str, ...]

    @property
    def is_copyable(self) -> bool:
        return self.sort in (EMAIL, PHONE, CODE)


def facts(kind: str, properties: Mapping[str, Any]) -> list[Fact]:
    """Facts of a node of this kind; what is not known is left out."""
    found = []
    for name, label, sort in _FACTS.get(kind, ()):
        value = properties.get(name)
        values = value if isinstance(value, list) else [value]
        texts = tuple(_text(v, sort) for v in values if v is not None and v != "")
        if texts:
            found.append(Fact(label, _time_sort(sort, texts[0]), texts))
    return found


def _text(value: Any, sort: str) -> str:
    if sort == FLAG:
        return "yes" if value else "no"
    if sort == BYTES and isinstance(value, int | float):
        return filesizeformat(value)
    if sort == HOURS and isinstance(value, int | float):
        return f"{value:g} h"
    if sort == TERABYTES and isinstance(value, int | float):
        return f"{value:g} TB"
    return str(value)


def _time_sort(sort: str, text: str) -> str:
    """A time that cannot be read is shown as the text that it is."""
    if sort != TIME:
        return sort
    try:
        return TIME if parse_datetime(text) or parse_date(text) else TEXT
    except ValueError:
        return TEXT
