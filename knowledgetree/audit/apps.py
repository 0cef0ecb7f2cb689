"""The Django app of the audit log."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "knowledgetree.audit"
    label = "audit"
    verbose_name = "Audit log"

    def ready(self) -> None:
        from knowledgetree.audit import people, sign_ins

        sign_ins.listen()
        people.listen()
