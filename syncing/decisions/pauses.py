"""Pauses and resumes the sync of companies; a paused company is neither fetched nor changed.

A pause takes effect with the next run. It is a row in SQL; the table of rights says who may set it.
"""

from collections.abc import Iterable
from pathlib import Path

from django.contrib.auth.models import User

from knowledgetree.audit import log
from knowledgetree.audit.actions import Action
from syncing.compare.comparison import paused_folders
from syncing.exceptions import PlanNotUsable
from syncing.graph import existing
from syncing.kinds.declaration.key import company_key
from syncing.models import PausedCompany, SyncRun
from syncing.plan.plan_files import read_file

NAMED = 5


def accounts() -> frozenset[str]:
    """Account numbers of all paused companies."""
    return frozenset(PausedCompany.objects.values_list("account_number", flat=True))


def pause(account: str, user: User | None, reason: str = "") -> PausedCompany:
    """Pause this company. A company that is already paused keeps its reason."""
    length = PausedCompany._meta.get_field("reason").max_length
    paused, is_new = PausedCompany.objects.get_or_create(
        account_number=account, defaults={"paused_by": user, "reason": " ".join(reason.split())[:length]}
    )
    if is_new:
        log.record(Action.SYNC_PAUSED, company=log.Client(account), detail=paused.reason)
    return paused


def resume(account: str) -> bool:
    """Resume the sync of this company. Returns False if it was not paused."""
    is_resumed = bool(PausedCompany.objects.filter(account_number=account).delete()[0])
    if is_resumed:
        log.record(Action.SYNC_RESUMED, company=log.Client(account))
    return is_resumed


def names(account_numbers: Iterable[str]) -> dict[str, str]:
    """{account number: name in the tree}, without companies that are not in the tree."""
    by_key = {company_key(account): account for account in account_numbers}
    return {by_key[key]: node.name for key, node in existing.by_key(by_key).items()} if by_key else {}


def described(run: SyncRun, paused: frozenset[str]) -> str:
    """A sentence for the run's reason that names its paused companies; empty if there are none."""
    concerned = sorted(paused & set(run.companies) if run.companies else paused)
    if not concerned:
        return ""
    known = names(concerned[:NAMED])
    shown = [_shown(account, known.get(account)) for account in concerned[:NAMED]]
    more = [f"{len(concerned) - NAMED} more"] if len(concerned) > NAMED else []
    return f"Paused, so left as they are: {', '.join(shown + more)}."


def _shown(account: str, name: str | None) -> str:
    """The company's name and number; the name of a namesake already contains the number."""
    return account if name is None else f"{name.removesuffix(f' ({account})')} ({account})"


def refuse_paused(folder: Path, files: Iterable[str]) -> None:
    """Raise PlanNotUsable if a stored plan would change a company that was paused after the plan was made."""
    paused = accounts()
    if not paused:
        return
    keys, folders = {company_key(account): account for account in paused}, paused_folders(paused)
    for file in files:
        for change in read_file(folder / f"{file}.jsonl"):
            account = change.account if change.account in paused else keys.get(change.key)
            if account or change.before.get("parent_id") in folders:
                name = f"The company {account}" if account else f"The company that has {change.name!r}"
                raise PlanNotUsable(
                    f"{name} is paused since this plan was made; nothing was written. Let its sync go on, or check "
                    "for changes again."
                )
