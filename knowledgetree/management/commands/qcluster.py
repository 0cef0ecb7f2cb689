"""``manage.py qcluster``, in place of django-q's: a cluster that proves that it works and ends if it does not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_q.cluster import Cluster

from syncing.runs import clusters
from syncing.schedules import alarms


class Command(BaseCommand):
    help = (
        "Do jobs: syncs with Q_CLUSTER_NAME=sync in the environment, otherwise short jobs and schedules. Ends with "
        "exit code 1 if it takes no jobs any more, so that its supervisor starts it again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        cluster = Cluster(clusters.proving_broker())
        cluster.start()
        trouble = clusters.wait_for_the_end(cluster.sentinel, alarms.watch_workers)
        if trouble:
            raise CommandError(trouble)
