"""``manage.py sample_codex``: a Codex with made-up records, for trying out, for tests and for measuring."""

import gc
import signal
import threading
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter

from knowledgetree.configuration.storage import kept_secret
from syncing.sample_codex.generate import WorldOptions, generate
from syncing.sample_codex.limits import RateLimit
from syncing.sample_codex.server import SampleCodex
from syncing.sample_codex.world import World

HELP = """Runs a sample Codex on 127.0.0.1: the same addresses, fields, rights and limits as a real one, with
made-up companies, contacts, locations, assets and tickets. The same numbers and seed always give the same records.
It keeps nothing: stop it (Ctrl-C) and start it again to have the first records back.

KnowledgeTree uses it by itself when services.json names no Codex. To ask it by hand:

  curl -H "Authorization: Bearer $(cat instance/sample-codex-key)" http://127.0.0.1:5310/api/companies

Core is at the same address: POST /service-token, GET /.well-known/jwks.json, POST /api/token/validate."""


class _HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the line breaks of the text above."""


class Command(BaseCommand):
    help = HELP
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, formatter_class=_HelpFormatter, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        default = WorldOptions()
        add = parser.add_argument
        add("--port", type=int, default=settings.SAMPLE_CODEX_PORT, help="default: SAMPLE_CODEX_PORT, %(default)s")
        add("--companies", type=_count, default=default.companies, help="default: %(default)s")
        add("--contacts", type=_count, default=default.contacts, help="for each company; default: %(default)s")
        add("--assets", type=_count, default=default.assets, help="for each company; default: %(default)s")
        add("--tickets", type=_count, default=default.tickets, help="for each company; default: %(default)s")
        add("--seed", type=int, default=default.seed, help="other numbers, other records; default: %(default)s")
        add("--as-of", type=date.fromisoformat, default=default.as_of, metavar="YYYY-MM-DD",
            help="the day on which the newest tickets were touched; default: %(default)s")  # fmt: skip
        add("--api-key-file", type=Path, default=settings.INSTANCE_DIR / "sample-codex-key", metavar="FILE",
            help="holds the API key; made when missing; default: sample-codex-key in the instance folder")  # fmt: skip
        add("--prefix", default="", metavar="PATH", help="answer below this path, such as /codex behind a proxy")
        add("--no-bulk", action="store_true", help="behave like an old Codex, without /api/companies/bulk")
        add("--requests-per-minute", type=_count, default=500, metavar="N",
            help="more than that are answered with HTTP 500, as a real Codex does; default: %(default)s")  # fmt: skip
        add("--control", action="store_true",
            help="let POST /_control/change?percent=1 change that share of all records (same API key)")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        codex = SampleCodex(
            _world(options),
            api_key=kept_secret(options["api_key_file"]),
            port=options["port"],
            prefix=options["prefix"],
            bulk=not options["no_bulk"],
            control=options["control"],
            limit=RateLimit(per_minute=options["requests_per_minute"]),
        )
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        try:
            codex.start()
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"The sample Codex cannot listen on port {options['port']}: {error}. "
                "Choose another one with --port or SAMPLE_CODEX_PORT."
            ) from error
        counts = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in codex.world.counts().items())
        self.stdout.write(f"Sample Codex is ready at {codex.url} ({counts}); Ctrl-C stops it.")
        self.stdout.flush()
        stop.wait()
        codex.stop()


def _world(options: dict[str, Any]) -> World:
    names = ("companies", "contacts", "assets", "tickets", "seed", "as_of")
    gc.disable()  # millions of objects that all stay: counting them again and again would take half the time
    world = generate(WorldOptions(**{name: options[name] for name in names}))
    gc.freeze()
    gc.enable()
    return world


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number
