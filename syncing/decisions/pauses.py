"""Companies whose sync is paused: they stay exactly as they are, in the tree and towards Codex, until it goes on.

A pause counts from the next run on. It is a row in SQL; who may set it stands in the table of rights.
"""

from collections.abc import Iterable
from pathlib import Path

from django.contrib.auth.models import User

from syncing.compare.comparison import paused_folders
from syncing.exceptions import PlanNotUsable
from syncing.graph import existing
from syncing.kinds.key import company_key
from syncing.models import PausedCompany, SyncRun
from syncing.plan.files import read_file

NAMED = 5


def accounts() -> frozenset[str]:
    """Account numbers of all paused companies."""
    return frozenset(PausedCompany.objects.values_list("account_number", flat=True))


def pause(account: str, user: User | None, reason: str = "") -> PausedCompany:
    """Pause this company; one that is paused stays so, with the reason that it has."""
    length = PausedCompany._meta.get_field("reason").max_length
    paused, _ = PausedCompany.objects.get_or_create(
        account_number=account, defaults={"paused_by": user, "reason": " ".join(reason.split())[:length]}
    )
    return paused


def resume(account: str) -> bool:
    """Let this company's sync go on. False when it was not paused."""
    return bool(PausedCompany.objects.filter(account_number=account).delete()[0])


def names(account_numbers: Iterable[str]) -> dict[str, str]:
    """{account number: name in the tree}; those that the tree does not hold are left out."""
    by_key = {company_key(account): account for account in account_numbers}
    return {by_key[key]: node.name for key, node in existing.by_key(by_key).items()} if by_key else {}


def described(run: SyncRun, paused: frozenset[str]) -> str:
    """A sentence for the run's reason: which of its companies are paused. Empty when none is."""
    concerned = sorted(paused & set(run.companies) if run.companies else paused)
    if not concerned:
        return ""
    known = names(concerned[:NAMED])
    shown = [_shown(account, known.get(account)) for account in concerned[:NAMED]]
    more = [f"{len(concerned) - NAMED} more"] if len(concerned) > NAMED else []
    return f"Paused, so left as they are: {', '.join(shown + more)}."


def _shown(account: str, name: str | None) -> str:
    """Name and number; the name of one of two namesakes has the number in it already."""
    return account if name is None else f"{name.removesuffix(f' ({account})')} ({account})"


def refuse_paused(folder: Path, files: Iterable[str]) -> None:
    """Raises PlanNotUsable when a stored plan would change a company that was paused after the plan was made."""
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
