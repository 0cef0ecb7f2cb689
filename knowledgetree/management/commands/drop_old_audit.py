"""``manage.py drop_old_audit`` deletes all old entries of the audit log at once; a worker deletes some every minute."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledgetree.audit import retention
from knowledgetree.audit.models import KEPT_DAYS_AT_LEAST


class Command(BaseCommand):
    help = "Drop the entries of the audit log that are older than AUDIT_DAYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=settings.AUDIT_DAYS, help="keep so long (%(default)s)")
        parser.add_argument("--dry-run", action="store_true", help="only say how many would go")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        if days < KEPT_DAYS_AT_LEAST:
            raise CommandError(f"Entries are kept for {KEPT_DAYS_AT_LEAST} days at least.")
        if options["dry_run"]:
            self.stdout.write(f"{retention.count_old_entries(days)} entries would go.")
            return
        self.stdout.write(f"{retention.drop_old_entries(days)} entries are gone.")
