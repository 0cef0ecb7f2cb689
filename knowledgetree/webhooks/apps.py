"""The Django app of webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "knowledgetree.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"
