"""The Django app of accounts: API tokens, and the people who come from Core."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "knowledgetree.accounts"
    label = "accounts"
    verbose_name = "Accounts"
