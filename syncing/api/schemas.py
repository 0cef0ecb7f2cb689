"""What the API v1 takes and gives of the syncs, as its OpenAPI document describes it."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from tree.api.v1.schemas import Body, Level

_TIME = "2026-11-20T08:00:00+00:00"
_HASH = "b7d1c1f0a3e24c5d9f8e7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d"
_RUN: dict[str, Any] = {
    "id": 12,
    "command": "sync_codex",
    "status": "planned",
    "reason": "",
    "trigger": "button",
    "started_by": "ana",
    "companies": [],
    "kinds": [],
    "since": "",
    "dry_run": True,
    "applies": None,
    "undoes": None,
    "stage": "done",
    "done": 0,
    "total": 0,
    "created_at": _TIME,
    "started_at": _TIME,
    "finished_at": _TIME,
    "counts": {"Company": {"created": 1}},
    "seconds": {"fetch": 1.2, "plan": 0.4, "apply": 0.0, "total": 1.6},
    "requests": 3,
    "waiting_plan": _HASH,
    "needs_approval": False,
    "held_why": [],
    "url": "https://knowledgetree.example/sync/runs/12/",
}
Command = Literal["sync_codex", "sync_tickets"]


class Run(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [_RUN]})
    id: int
    command: Command
    status: str = Field(description="queued, running, complete, partial, failed, needs_approval, aborted or planned.")
    reason: str
    trigger: str
    started_by: str
    companies: list[str] = Field(description="Account numbers; empty for all.")
    kinds: list[str] = Field(description="companies, contacts, locations, assets; empty for all.")
    since: str
    dry_run: bool
    applies: int | None = Field(description="The run whose plan this one applies.")
    undoes: int | None
    stage: str
    done: int
    total: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    counts: dict[str, dict[str, int]] = Field(description="The numbers of records by kind and action.")
    seconds: dict[str, float]
    requests: int
    waiting_plan: str | None = Field(description="The hash of the plan that may be applied or discarded, if one waits.")
    needs_approval: bool = Field(description="Whether a person must approve the plan: it holds much back.")
    held_why: list[str]
    url: str


class Runs(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_RUN], "next_cursor": None}]})
    items: list[Run]
    next_cursor: str | None


class NewRun(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"command": "sync_codex", "companies": ["1002"], "dry_run": True}]},
    )
    command: Command
    kinds: list[Literal["companies", "contacts", "locations", "assets"]] = Field(
        [], max_length=4, description="Only of sync_codex; none for all."
    )
    companies: list[Annotated[str, Field(min_length=1, max_length=255)]] = Field(
        [], max_length=1000, description="Account numbers or names; none for all."
    )
    dry_run: bool = Field(False, description="Only make the plan, and write nothing.")


class Plan(Body):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"plan": _HASH}]})
    plan: str = Field(min_length=1, max_length=64, description="The hash of the plan, waiting_plan of the run.")


class _OfACompany(Schema):
    company_id: str | None
    compliance_level: Level
    company_compliance_level: Level


class PlanRow(_OfACompany):
    action: str
    held: bool
    kind: str
    company: str
    account: str
    place: str
    name: str
    codex_key: str
    node: str
    staff_notes: int | None
    below: dict[str, int]
    fields: dict[str, Any]
    url: str | None = Field(description="The page of the node, unless the row creates it.")


class PlanRows(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "action": "update",
                            "held": False,
                            "kind": "Asset",
                            "company": "Acme Dental",
                            "account": "1002",
                            "place": "Acme Dental / Assets",
                            "name": "PC-7.md",
                            "codex_key": "asset:7",
                            "node": "9d3f0a7b5c1e2d4f6a8b0c1d",
                            "staff_notes": None,
                            "below": {},
                            "fields": {"hostname": {"before": "PC-7", "after": "PC-07"}},
                            "company_id": "1a2b",
                            "compliance_level": "hipaa",
                            "company_compliance_level": "hipaa",
                            "url": "https://knowledgetree.example/node/9d3f0a7b5c1e2d4f6a8b0c1d/",
                        }
                    ],
                    "next_cursor": None,
                    "plan": _HASH,
                }
            ]
        }
    )
    items: list[PlanRow]
    next_cursor: str | None
    plan: str | None


class Quarantined(_OfACompany):
    id: int
    command: Command
    kind: str
    account: str
    codex_id: str
    fault: str
    field: str
    reason: str
    advice: str = Field(description="What to correct in Codex.")
    since: str
    last_run: int | None
    url: str


class Quarantine(Schema):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "id": 3,
                            "command": "sync_codex",
                            "kind": "Contact",
                            "account": "1002",
                            "codex_id": "44",
                            "fault": "missing",
                            "field": "name",
                            "reason": "“name” is missing.",
                            "since": _TIME,
                            "advice": "In Codex, fill “name” of the contact 44 of the company 1002.",
                            "last_run": 12,
                            "company_id": "1a2b",
                            "compliance_level": "hipaa",
                            "company_compliance_level": "hipaa",
                            "url": "https://knowledgetree.example/sync/quarantine/?company=1002",
                        }
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )
    items: list[Quarantined]
    next_cursor: str | None


_SCHEDULE: dict[str, Any] = {
    "command": "sync_codex",
    "kind": "interval",
    "every_minutes": 360,
    "cron": "",
    "window_from": None,
    "window_to": None,
    "is_paused": False,
    "is_active": True,
    "described": "every 6 hours",
    "due_at": _TIME,
    "last_run": 12,
    "url": "https://knowledgetree.example/sync/schedules/sync_codex/",
}


class Schedule(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [_SCHEDULE]})
    command: Command
    kind: str
    every_minutes: int | None
    cron: str
    window_from: str | None
    window_to: str | None
    is_paused: bool
    is_active: bool
    described: str
    due_at: str | None
    last_run: int | None
    url: str


class Schedules(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_SCHEDULE], "next_cursor": None}]})
    items: list[Schedule]
    next_cursor: str | None


_Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description="HH:MM in the site's time zone.")]


class ChangedSchedule(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "interval", "every_minutes": 360}, {"is_paused": True}]},
    )
    kind: Literal["off", "interval", "cron", "after"] | None = Field(
        None, description="after: after each scheduled run of the companies. Left out, the rule stays."
    )
    every_minutes: int | None = Field(None, ge=1, le=31 * 1440)
    cron: str = Field("", max_length=100)
    window_from: _Clock | None = None
    window_to: _Clock | None = None
    is_paused: bool | None = None
