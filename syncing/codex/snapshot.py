"""A complete read of Codex, company by company: all of it, or an exception.

The bulk answer (69 MB at 60,000 tickets) goes to disk and is read from there one company at a time.
"""

import json
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import ijson
import msgspec

from syncing.codex.client import IS_IT_CODEX, CodexClient
from syncing.codex.download import Reader, download
from syncing.exceptions import CodexError, CodexGarbled, CodexNotFound, CodexUnavailable
from syncing.refusals import COMPANY, TICKET, Fault, Refused

TICKET_PAGE = 5000
TICKETS = "tickets"  # the one list that the bulk answer has only when asked for
FAILURES_IN_A_ROW = 5  # then it is Codex that is ill, not a company
Advance = Callable[[int, int, str], None]  # (done, total) companies, and the name of the last one


@dataclass
class Bundle:
    """One company as Codex sent it, untyped. ``lists`` by name; one that could not be read is not there."""

    company: Any
    lists: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[Refused] = field(default_factory=list)


@dataclass
class Snapshot:
    """``companies``: all that Codex lists, untyped. ``is_complete``: one that is missing there has really gone."""

    companies: list[Any]
    is_complete: bool
    bundles: Callable[[], Iterator[Bundle]]  # company by company; raises CodexError when an answer is not whole
    refused: list[Refused] = field(default_factory=list)
    tickets_passed_over: int = 0  # of paused companies, as far as they came along


@contextmanager
def fetch(
    client: CodexClient,
    lists: Sequence[str],
    accounts: Sequence[str],
    folder: Path,
    advance: Advance,
    paused: Container[str] = (),
) -> Iterator[Snapshot]:
    """Read what a run needs into ``folder``; the snapshot can be read inside the with-block.

    ``lists`` are the lists wanted beside the company itself: ("contacts", "assets"), ("tickets",), one of them, none.
    ``accounts``: only these account numbers; empty means all. ``paused`` ones are not asked for, and passed over in
    the bulk answer, which has all. ``advance`` is called meanwhile, and may raise to end it. Raises CodexError.
    """
    refused: list[Refused] = []
    if accounts:
        wanted = [account for account in accounts if account not in paused]
        companies = list(_asked_for(client, wanted, refused))
    else:
        companies = [row for row in client.companies() if account_of(row) not in paused]
    if not lists:
        yield Snapshot(companies, not accounts, lambda: (Bundle(company) for company in companies), refused)
        return
    if not accounts:
        bulk = folder / "bulk.json"
        try:
            download(client, bulk, tickets=TICKETS in lists, came=lambda: advance(0, 0, ""))
        except CodexNotFound:
            pass  # an older Codex
        else:
            yield _bulk_snapshot(bulk, lists, companies, paused)
            return
    file = _save_each(client, companies, lists, folder, advance)
    yield Snapshot(companies, not accounts, lambda: _saved_lines(file), refused)


def _bulk_snapshot(file: Path, lists: Sequence[str], companies: list[Any], paused: Container[str]) -> Snapshot:
    def bundles() -> Iterator[Bundle]:
        for bundle in _bulk_bundles(file, lists):
            if account_of(bundle.company) in paused:
                snapshot.tickets_passed_over += len(bundle.lists.get(TICKETS, ()))
            else:
                yield bundle

    snapshot = Snapshot(companies, True, bundles)
    return snapshot


def account_of(company: Any) -> str | None:
    """The account number in a company as Codex sent it, if it has a usable one."""
    account = company.get("account_number") if isinstance(company, dict) else None
    return account if isinstance(account, str) else None


def changed_since(client: CodexClient, since: str) -> list[str]:
    """Accounts with a ticket updated at or after ``since`` (ISO date), from the newest-first list."""
    accounts: dict[str, None] = {}
    for row in ticket_summaries(client):
        updated = str(row.get("last_updated_at") or "")
        if updated and updated < since:
            break
        if updated and row.get("company_id"):
            accounts[str(row["company_id"])] = None
    return list(accounts)


def homeless_tickets(
    client: CodexClient, known: set[str], seen: int, earlier: list[Refused], room: int
) -> list[Refused]:
    """Tickets that no company's list holds: without a company, or of an unknown one.

    Codex counts all its tickets in one cheap request. Only when that is more than the ``seen`` ones, and not by as many
    as an ``earlier`` run has found, its list of all tickets is read until they are found; at most ``room`` are named.
    """
    missing = int(client.ticket_page(1, 0)["total"]) - seen
    if missing == len(earlier):
        return earlier
    found: list[Refused] = []
    for row in ticket_summaries(client) if missing > 0 else ():
        account = row.get("company_id")
        if isinstance(account, str) and account in known:
            continue
        where = f"of the unknown company {account!r}" if account else "without a company"
        number = str(row.get("ticket_number") or row.get("id") or "")
        reason = f"Ticket {number} is {where} in Codex, so it has no place in the tree: {row.get('subject')!s:.100}"
        fault = Fault.COMPANY_UNKNOWN if account else Fault.NO_COMPANY
        found.append(Refused(TICKET, str(account or ""), str(row.get("id") or ""), fault, reason))
        if len(found) >= min(missing, room):
            break
    return found


def ticket_summaries(client: CodexClient) -> Iterator[dict[str, Any]]:
    """Every ticket once. Rows move between pages while we read, so pages overlap and are joined by id."""
    seen: set[Any] = set()
    offset = 0
    while True:
        rows = client.ticket_page(TICKET_PAGE, offset)["tickets"]
        for row in rows:
            if isinstance(row, dict) and row.get("id") not in seen:
                seen.add(row.get("id"))
                yield row
        if len(rows) < TICKET_PAGE:
            return
        offset += TICKET_PAGE - 10


def _asked_for(client: CodexClient, accounts: Sequence[str], refused: list[Refused]) -> Iterator[Any]:
    for account in accounts:
        try:
            yield client.company(account)
        except CodexNotFound:
            reason = f"Codex knows no company {account!r}. Is the account number right?"
            refused.append(Refused(COMPANY, account, account, Fault.COMPANY_UNKNOWN, reason, is_skipped=True))


def _save_each(client: CodexClient, companies: list[Any], lists: Sequence[str], folder: Path, advance: Advance) -> Path:
    """An older Codex, or single companies: one request a list. What fails for one company costs that list."""
    file = folder / "companies.jsonl"
    failures = 0
    with open(file, "wb") as target:
        for done, company in enumerate(companies):
            advance(done, len(companies), str(company.get("name", "")) if isinstance(company, dict) else "")
            bundle = Bundle(company)
            failures = _fill(client, bundle, lists, failures)
            target.write(_line(bundle) + b"\n")
    advance(len(companies), len(companies), "")
    return file


def _fill(client: CodexClient, bundle: Bundle, lists: Sequence[str], failures: int) -> int:
    account = account_of(bundle.company)
    if account is None:
        return failures  # the comparison will refuse it by name
    for what in lists:
        try:
            bundle.lists[what] = client.company_list(account, what)
            failures = 0
        except (CodexUnavailable, CodexGarbled, CodexNotFound) as error:
            failures += not isinstance(error, CodexNotFound)  # that is about this company
            if failures >= FAILURES_IN_A_ROW:
                raise CodexError(f"Gave up after {failures} failures in a row. The last: {error}") from error
            reason = f"The {what} of {account} could not be read: {error}"
            bundle.problems.append(Refused(what, account, "", Fault.LIST_UNREADABLE, reason))
    return failures


def _saved_lines(file: Path) -> Iterator[Bundle]:
    decoder = msgspec.json.Decoder(Bundle)
    with open(file, "rb") as lines:
        for line in lines:
            try:
                yield decoder.decode(line)
            except (msgspec.DecodeError, OverflowError):
                yield msgspec.convert(json.loads(line), Bundle)


def _line(bundle: Bundle) -> bytes:
    """As JSON; what some record should not hold (a 20-digit id, half a surrogate pair) is kept for its refusal."""
    try:
        return msgspec.json.encode(bundle)
    except (OverflowError, UnicodeEncodeError):
        return json.dumps(asdict(bundle), default=msgspec.to_builtins).encode()


def _bulk_bundles(file: Path, lists: Sequence[str]) -> Iterator[Bundle]:
    """Stream the one big list; at no time is more than a company in memory."""
    try:
        for row in _rows(file):
            yield _bundle(row, lists)
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise CodexGarbled(f"The answer of Codex at /api/companies/bulk is no complete JSON: {reason}") from error


def _rows(file: Path) -> Iterator[Any]:
    """The quick parser gives up at a number of more than 64 bits; the rest is then read by the slow one."""
    done = 0
    try:
        with closing(Reader(file)) as source:
            for row in ijson.items(source, "item", use_float=True):
                yield row
                done += 1
            if not source.began_with(b"["):
                raise CodexGarbled(f"Codex answers no list at /api/companies/bulk. {IS_IT_CODEX}")
            return
    except ijson.JSONError as error:
        if "overflow" not in str(error):
            raise
    with closing(Reader(file)) as source:
        for row in islice(ijson.items(source, "item"), done, None):
            yield _with_floats(row)


def _with_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_floats(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_floats(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _bundle(row: Any, lists: Sequence[str]) -> Bundle:
    if not isinstance(row, dict):
        return Bundle(row)
    bundle = Bundle(row.get("company"))
    for what in lists:
        rows = row.get(what)
        if isinstance(rows, list):
            bundle.lists[what] = rows
        else:
            account = bundle.company.get("account_number") if isinstance(bundle.company, dict) else ""
            reason = f"Codex sends no list of {what} for {account}."
            bundle.problems.append(Refused(what, str(account), "", Fault.LIST_MISSING, reason))
    return bundle
