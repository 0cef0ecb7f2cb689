"""``manage.py install_schedules``."""

from typing import Any

from django.core.management.base import BaseCommand

from syncing.schedules import due


class Command(BaseCommand):
    help = (
        "Make the recommended schedules: companies, contacts, locations and assets every six hours, tickets after "
        "them. Safe to repeat: a schedule that is there is left as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        new = {schedule.pk for schedule in due.install_recommended()}
        for schedule in due.all_schedules():
            state = "new" if schedule.pk in new else "kept as it is"
            self.stdout.write(f"{schedule.command}: {due.described(schedule)} ({state})")
        self.stdout.write(
            "Change or pause them on the page /sync/schedules/. They need both workers, see `manage.py run`."
        )
