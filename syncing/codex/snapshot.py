"""Reads a complete snapshot of Codex, company by company, or raises an exception.

The bulk response (69 MB at 60,000 tickets) is saved to disk and read from there one company at a time. One record that
Codex itself cannot encode makes the whole bulk response fail; then each list is read with a request of its own, so that
the record costs its list only.
"""

import json
import logging
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import ijson
import msgspec

from knowledgetree.basics.times import moment_of
from syncing.codex.client import IS_IT_CODEX, CodexClient
from syncing.codex.download import Reader, download
from syncing.exceptions import CodexError, CodexFailing, CodexGarbled, CodexNotFound, CodexUnavailable, CoreError
from syncing.refusals import COMPANY, TICKET, Fault, Refused

TICKET_PAGE = 5000
TICKETS = "tickets"  # the only list that the bulk response leaves out unless it is requested
_BEGINNING = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
_LARGEST_DIFFERENCE = timedelta(hours=26)  # between two zones: from UTC-12 to UTC+14
FAILURES_IN_A_ROW = 5  # then Codex itself is at fault, not a company
_BROKEN_RECORD = (
    "Codex answers so if one record of the list is broken; its log names the record. The list stays as it is here."
)
Advance = Callable[[int, int, str], None]  # (done, total) companies, and the name of the last one
logger = logging.getLogger("syncing")


@dataclass
class Bundle:
    """One company as Codex sent it, untyped. ``lists``: its lists by name, without those that could not be read."""

    company: Any
    lists: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[Refused] = field(default_factory=list)


@dataclass
class Snapshot:
    """The data that a run reads from Codex.

    ``companies``: the companies that Codex lists, untyped. ``is_complete``: a company that is missing from them no
    longer exists in Codex.
    """

    companies: list[Any]
    is_complete: bool
    bundles: Callable[[], Iterator[Bundle]]  # raises CodexError if a response is incomplete
    refused: list[Refused] = field(default_factory=list)
    tickets_passed_over: int = 0  # tickets of paused companies in the bulk response


@contextmanager
def fetch(
    client: CodexClient,
    lists: Sequence[str],
    accounts: Sequence[str],
    folder: Path,
    advance: Advance,
    paused: Container[str] = (),
) -> Iterator[Snapshot]:
    """Fetch the data of a run into ``folder``; the snapshot can be read inside the with-block.

    ``lists``: the lists to fetch besides the company itself, such as ("contacts", "assets"), ("tickets",) or none.
    ``accounts``: only these account numbers; empty means all. ``paused``: accounts that are not fetched, and skipped in
    the bulk response. ``advance`` is called meanwhile and may raise to end the fetch. Raises CodexError.
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
            logger.info("This Codex is too old for the bulk response; each list is read with a request of its own.")
        except CodexFailing as error:
            logger.warning("%s Each list is now read with a request of its own.", error)
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
    """The account number of a company as Codex sent it; None if it has no usable one."""
    account = company.get("account_number") if isinstance(company, dict) else None
    return account if isinstance(account, str) else None


def changed_since(client: CodexClient, since: str) -> list[str]:
    """Account numbers of the companies with a ticket updated at or after ``since`` (ISO date, which begins in UTC).

    Codex sorts by the texts of the times, so one in another zone may stand a day too late in the list. A time that
    nobody can read counts as one after ``since``.
    """
    accounts: dict[str, None] = {}
    first = moment_of(since) or _BEGINNING
    for row in ticket_summaries(client):
        updated = str(row.get("last_updated_at") or "")
        moment = moment_of(updated)
        if moment and moment < first - _LARGEST_DIFFERENCE:
            break
        if updated and (moment is None or moment >= first) and row.get("company_id"):
            accounts[str(row["company_id"])] = None
    return list(accounts)


@dataclass
class Homeless:
    """The tickets that no company's list shows. ``number``: of all of them; ``listed``: the first of them."""

    number: int
    listed: list[Refused]


def homeless_tickets(client: CodexClient, known: set[str], seen: int, earlier: Homeless, room: int) -> Homeless:
    """Tickets that are in no company's list, because they have no company or an unknown one.

    Codex returns the number of all tickets in one cheap request. If there are more than the ``seen`` ones, and their
    number has changed since the ``earlier`` run, the list of all tickets is read until they are found; at most ``room``
    are listed.
    """
    missing = int(client.ticket_page(1, 0)["total"]) - seen
    if missing == earlier.number:
        return earlier
    wanted = min(missing, room)
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
        if len(found) >= wanted:
            return Homeless(missing, found)
    return Homeless(len(found), found)  # the lists and the number were not of the same moment


def ticket_summaries(client: CodexClient) -> Iterator[dict[str, Any]]:
    """Every ticket once. Rows move between pages while they are read, so pages overlap and repeated ids are skipped."""
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
    """Fetch each list with a request of its own, for single companies or if there is no bulk response.

    A failure costs only the list for which it occurs.
    """
    file = folder / "companies.jsonl"
    failures = 0
    with open(file, "wb") as target:
        for done, company in enumerate(companies):
            advance(done, len(companies), str(company.get("name", "")) if isinstance(company, dict) else "")
            bundle = Bundle(company)
            failures = _fill(client, bundle, account_of(companies[done - 1]), lists, failures)
            target.write(_line(bundle) + b"\n")
    advance(len(companies), len(companies), "")
    return file


def _fill(client: CodexClient, bundle: Bundle, neighbour: str | None, lists: Sequence[str], failures: int) -> int:
    account = account_of(bundle.company)
    if account is None:
        return failures  # the comparison will refuse the company
    for what in lists:
        try:
            bundle.lists[what] = client.company_list(account, what, neighbour)
            failures = 0
        except CoreError:
            raise
        except (CodexUnavailable, CodexGarbled, CodexNotFound) as error:
            failures += not isinstance(error, CodexNotFound)  # which concerns this company only
            if failures >= FAILURES_IN_A_ROW:
                raise CodexError(f"Gave up after {failures} failures in a row. The last: {error}") from error
            reason = f"The {what} of {account} could not be read: {error}"
            if isinstance(error, CodexFailing):
                reason = f"{reason} {_BROKEN_RECORD}"
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
    """Encode a bundle as JSON. Invalid values (a 20-digit id, an unpaired surrogate) are kept to be refused later."""
    try:
        return msgspec.json.encode(bundle)
    except (OverflowError, UnicodeEncodeError):
        return json.dumps(asdict(bundle), default=msgspec.to_builtins).encode()


def _bulk_bundles(file: Path, lists: Sequence[str]) -> Iterator[Bundle]:
    """Stream the bulk response, with no more than one company in memory."""
    try:
        for row in _rows(file):
            yield _bundle(row, lists)
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise CodexGarbled(f"The response of Codex at /api/companies/bulk is not complete JSON: {reason}") from error


def _rows(file: Path) -> Iterator[Any]:
    """Read the rows with the fast parser; from a number of more than 64 bits on, read the rest with the slow one."""
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
