"""Flags: what somebody who opens a client or a computer should know first, told from the facts of Codex.

A flag says since when, because Codex's facts may be as old as its last contact with a computer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from knowledgetree.basics.times import moment_of

SILENT_DEVICE = timedelta(days=30)  # longer than holidays; a computer that is in use reports daily
SILENT_BACKUP = timedelta(days=7)  # a week without a backup is the most that a long weekend and a day off explain
_NO_ANTIVIRUS = frozenset({"", "no", "none", "n/a", "-", "not detected", "not installed"})
_SHOWN = 4  # computers named in a flag of a client


@dataclass(frozen=True)
class Flagged:
    """A computer that a flag is about, and the time that belongs to it."""

    uid: str
    hostname: str
    since: str


@dataclass(frozen=True)
class Flag:
    """Something to know first. ``before`` stands before the time ``since``, as in ``over since``.

    ``devices`` are the first computers that it is about, ``more`` is the number of others; ``query`` finds most of
    them in the list of computers, if it can.
    """

    text: str
    since: str = ""
    before: str = ""
    devices: tuple[Flagged, ...] = ()
    more: int = 0
    query: str = ""


def company_flags(properties: Mapping[str, Any], devices: Iterable[Mapping[str, Any]]) -> list[Flag]:
    """The flags of a client with these properties and devices; none of one that left Codex."""
    if properties.get("archived_at"):
        return []
    now = timezone.now()
    flags = [Flag("The contract is over", ended, "since")] if (ended := _contract_over(properties, now)) else []
    found: dict[str, list[Flagged]] = {}
    for device in devices:
        for flag in _device_flags(device, now):
            since = str(device.get("last_seen") or "")
            found.setdefault(flag.text, []).append(Flagged(device["id"], str(device.get("hostname") or "?"), since))
    for text, query in _OF_DEVICES.items():
        if flagged := found.get(text):
            flags.append(Flag(text, "", "", tuple(flagged[:_SHOWN]), max(0, len(flagged) - _SHOWN), query))
    return flags


def device_flags(properties: Mapping[str, Any]) -> list[Flag]:
    """The flags of a computer with these properties; none of one that left Codex."""
    return [] if properties.get("archived_at") else list(_device_flags(properties, timezone.now()))


_UNPROTECTED, _NO_BACKUP, _SILENT = "No antivirus", "No backup for a week", "Not seen for a month"
_OF_DEVICES = {  # in the order in which they are shown, with the filters of the list of computers
    _NO_BACKUP: "last_seen=over-7d",
    _UNPROTECTED: "",
    _SILENT: "last_seen=over-30d",
}


def _device_flags(device: Mapping[str, Any], now: datetime) -> Iterable[Flag]:
    seen = str(device.get("last_seen") or "")
    moment = moment_of(seen)
    silence = now - moment if moment else timedelta(0)
    if silence > SILENT_BACKUP and (device.get("backup_data_bytes") or device.get("backup_usage_tb")):
        yield Flag(_NO_BACKUP, seen, "it is backed up, and was last seen")
    elif silence > SILENT_DEVICE:
        yield Flag(_SILENT, seen, "last seen")
    if device.get("operating_system") and _words(device.get("antivirus_product")) in _NO_ANTIVIRUS:
        yield Flag(_UNPROTECTED, seen, "last seen")


def _contract_over(properties: Mapping[str, Any], now: datetime) -> str:
    """The day on which the contract ended; empty if it goes on, or nobody knows."""
    text = str(properties.get("contract_end_date") or "")
    moment = moment_of(text)
    return text if moment and moment <= now - timedelta(days=1) else ""


def _words(value: Any) -> str:
    return " ".join(str(value or "").lower().split())
