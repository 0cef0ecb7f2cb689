"""``manage.py check_codex``."""

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from syncing.codex.client import CodexClient
from syncing.exceptions import CodexError

_FINE = ("healthy", "ok", "up", True)


class Command(BaseCommand):
    help = (
        "Can we reach Codex (and Core), with which key, and what do they hold? Says what to fix. "
        "Exit code 0 when a sync can run, else 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        findings: dict[str, Any] = {
            "codex": settings.CODEX.url,
            "source": settings.CODEX.source,
            "credential": "api_key" if settings.CODEX.api_key else f"token of Core at {settings.CODEX.core_url}",
        }
        try:
            findings |= _look()
            findings["ok"] = True
        except CodexError as error:
            findings |= {"ok": False, "error": str(error)}
        self.stdout.write(json.dumps(findings, ensure_ascii=False) if options["json"] else _as_text(findings))
        if not findings["ok"]:
            sys.exit(1)


def _look() -> dict[str, Any]:
    with CodexClient() as client:
        health = client.health()
        companies = client.companies()
        page = client.ticket_page(1, 0)
        found: dict[str, Any] = {
            "health": health.get("status"),
            "unhealthy": _unhealthy(health.get("checks")),
            "companies": len(companies),
            "tickets": page["total"],
        }
        account = _first_account(companies)
        if account is not None:
            found["contacts_of_first_company"] = len(client.company_list(account, "contacts"))
            found["assets_of_first_company"] = len(client.company_list(account, "assets"))
        return found


def _unhealthy(checks: Any) -> list[str]:
    """Which of Codex's own checks are not healthy, and what it says of them; they may be nested."""
    found: list[str] = []
    for name, check in checks.items() if isinstance(checks, dict) else ():
        if isinstance(check, str):
            found += [] if check in _FINE else [f"{name}: {check}"]
        elif isinstance(check, dict) and "status" not in check:
            found += [f"{name}: {inner}" for inner in _unhealthy(check)]
        elif isinstance(check, dict) and check["status"] not in _FINE:
            said = [str(check[key]) for key in ("message", "error", "detail") if check.get(key)]
            found.append(", ".join([f"{name}: {check['status']}", *said])[:300])
    return found


def _first_account(companies: list[Any]) -> str | None:
    for company in companies:
        if isinstance(company, dict) and isinstance(company.get("account_number"), str):
            return str(company["account_number"])
    return None


def _as_text(findings: dict[str, Any]) -> str:
    lines = [f"Codex: {findings['codex']} ({findings['source']})", f"Credential: {findings['credential']}"]
    if not findings["ok"]:
        return "\n".join([*lines, f"Not usable: {findings['error']}"])
    why = f" ({'; '.join(findings['unhealthy'])})" if findings["unhealthy"] else ""
    lines.append(f"Health: {findings['health']}{why}")
    lines.append(f"Holds {findings['companies']:,} companies and {findings['tickets']:,} tickets.")
    if not findings["companies"]:
        lines.append("No companies: has Codex itself synced with its sources yet?")
    lines.append("A sync can run: manage.py sync_codex, then manage.py sync_tickets.")
    return "\n".join(lines)
