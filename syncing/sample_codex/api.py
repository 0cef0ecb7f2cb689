"""Implements the endpoints of Codex; errors are exactly those of a real Codex."""

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
import msgspec

from syncing.sample_codex.answer import Answer, Request, as_json, problem
from syncing.sample_codex.core import Core
from syncing.sample_codex.limits import RateLimit
from syncing.sample_codex.records import Ticket
from syncing.sample_codex.world import Account, World

LISTS = {
    "contacts": "contacts",
    "users": "contacts",
    "assets": "assets",
    "locations": "locations",
    "tickets": "tickets",
}
COMPANY_PATH = re.compile(r"/api/companies/([^/]+)(?:/(contacts|users|assets|locations|tickets))?")
BODIES = {"ticket_id", "description", "conversations", "notes"}
SUMMARY_FIELDS = tuple(name for name in Ticket.__struct_fields__ if name not in BODIES)
_encode = msgspec.json.Encoder().encode


@dataclass
class CodexApi:
    """``bulk``: False simulates an old Codex. ``control``: a benchmark may change records over HTTP."""

    world: World
    core: Core
    limit: RateLimit
    api_key: str | None = field(repr=False)
    bulk: bool = True
    control: bool = False

    def respond(self, request: Request) -> Answer:
        if request.path == "/health":
            return _health()
        if not self.limit.allows(f"{request.caller} {_route(request.path)}"):
            # The limiter's own 429 never gets out: Codex's catch-all handler makes this of it, without Retry-After.
            return problem(500, "An unexpected error occurred.", request.path)
        refusal = self._refusal(request)
        if refusal:
            return refusal
        if self.control and request.path == "/_control/change" and request.method == "POST":
            return self._change(request)
        if request.method != "GET":
            return self._wrong_method(request)
        return self._read(request)

    def _refusal(self, request: Request) -> Answer | None:
        scheme, _, token = (request.authorization or "").partition(" ")
        if scheme != "Bearer" or not token:
            return problem(401, "Authorization header is missing or invalid.", request.path)
        if self.api_key and hmac.compare_digest(token.encode(), self.api_key.encode()):
            return None
        try:
            claims = self.core.claims(token)
        except jwt.PyJWTError:
            return problem(401, "Invalid or expired token", request.path)
        if claims.get("type") != "service" and claims.get("permission_level") == "client":
            return problem(403, "Your permission level does not allow this.", request.path)
        return None

    def _wrong_method(self, request: Request) -> Answer:
        """Of Codex's 405 its catch-all handler makes a 500."""
        known = request.path in ("/api/companies", "/api/tickets") or COMPANY_PATH.fullmatch(request.path)
        return problem(500 if known else 404, "The method is not allowed." if known else "Not found.")

    def _read(self, request: Request) -> Answer:
        year = request.parameters.get("year", "")
        if request.path == "/api/companies":
            with self.world.lock:
                return Answer(body=_encode([account.company for account in self.world.accounts.values()]))
        if request.path == "/api/tickets":
            return self._ticket_page(request)
        if request.path == "/api/companies/bulk" and self.bulk:
            with_tickets = request.parameters.get("include_tickets", "").lower() == "true"
            return Answer(body=self._bulk(with_tickets, year))
        match = COMPANY_PATH.fullmatch(request.path)
        if not match:
            return problem(404, "The requested URL was not found on the server.", request.path)
        return self._company(match[1], match[2], year)

    def _company(self, account_number: str, kind: str | None, year: str) -> Answer:
        with self.world.lock:
            account = self.world.accounts.get(account_number)
            if not account:
                return as_json({"error": "Company not found"}, 404)
            if kind == "tickets":
                return Answer(body=_encode(_of_year(account.tickets, year)))
            return Answer(body=_encode(getattr(account, LISTS[kind]) if kind else account.company))

    def _bulk(self, with_tickets: bool, year: str) -> Iterator[bytes]:
        """The bulk response, company by company in pieces of about 64 KB, so that it is never in memory as a whole."""
        with self.world.lock:
            accounts = list(self.world.accounts.values())
        piece = bytearray(b"[")
        for number, account in enumerate(accounts):
            with self.world.lock:
                piece += (b"," if number else b"") + _encode(_bulk_entry(account, with_tickets, year))
            if len(piece) > 65_536:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece) + b"]"

    def _ticket_page(self, request: Request) -> Answer:
        limit, offset = _number(request, "limit", 100), _number(request, "offset", 0)
        with self.world.lock:
            rows = [pair for pair in self.world.tickets() if _wanted(request, *pair)]
            rows.sort(key=lambda pair: pair[1].last_updated_at or "", reverse=True)
            page = [self._summary(*pair) for pair in rows[offset : offset + limit]]
        shape = {"tickets": page, "count": len(page), "total": len(rows), "offset": offset, "limit": limit}
        return Answer(body=_encode(shape))

    def _summary(self, account_number: str | None, ticket: Ticket) -> dict[str, Any]:
        account = self.world.accounts.get(account_number or "")
        return {
            "id": ticket.ticket_id,
            "company_id": account_number,
            "company_compliance_level": account.company.compliance_level if account else None,
            **{name: getattr(ticket, name) for name in SUMMARY_FIELDS},
        }

    def _change(self, request: Request) -> Answer:
        try:
            percent = float(request.parameters.get("percent", "1"))
        except ValueError:
            return problem(400, "percent must be a number.", request.path)
        return as_json(self.world.change(percent))


def _route(path: str) -> str:
    """What the limiter counts by: the route, not the address, so that all companies' assets are one."""
    match = COMPANY_PATH.fullmatch(path)
    return f"/api/companies/<account>/{match[2] or ''}" if match and path != "/api/companies/bulk" else path


def _bulk_entry(account: Account, with_tickets: bool, year: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "company": account.company,
        "assets": account.assets,
        "contacts": account.contacts,
        "locations": account.locations,
    }
    if with_tickets:
        entry["tickets"] = _of_year(account.tickets, year)
    return entry


def _of_year(tickets: list[Ticket], year: str) -> list[Ticket]:
    if not year.isdecimal():
        return tickets
    return [ticket for ticket in tickets if (ticket.last_updated_at or "").startswith(f"{year}-")]


def _wanted(request: Request, account_number: str | None, ticket: Ticket) -> bool:
    has = {"company_id": account_number, "status": ticket.status, "priority": ticket.priority}
    return all(has[name] == value for name, value in request.parameters.items() if name in has)


def _number(request: Request, name: str, default: int) -> int:
    text = request.parameters.get(name, "")
    return int(text) if text.isdecimal() else default


def _health() -> Answer:
    checks = {name: {"status": "healthy"} for name in ("database", "dependencies", "disk")}
    now = datetime.now(UTC).isoformat()
    return as_json({"service": "codex", "status": "healthy", "checks": checks, "timestamp": now})
