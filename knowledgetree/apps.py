"""The Django app of the project: its commands, access rights, signal handlers and parts of URLs."""

from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig, apps
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.urls import register_converter


class KnowledgeTreeConfig(AppConfig):
    name = "knowledgetree"
    verbose_name = "KnowledgeTree"

    def ready(self) -> None:
        from knowledgetree.accounts.login.first_admin import make_groups
        from knowledgetree.accounts.login.fresh_login import note_login  # its form needs the models
        from knowledgetree.basics.address_forms import NumberConverter

        apps.get_app_config("auth").verbose_name = "Accounts"  # as the menu of the administration says
        register_converter(NumberConverter, "number")
        user_logged_in.connect(note_login, dispatch_uid="when the password was entered")
        post_migrate.connect(make_groups, sender=apps.get_app_config("auth"))


class WrongPasswordsConfig(AxesConfig):
    verbose_name = "Accounts"


class KnowledgeTreeAdminConfig(SimpleAdminConfig):
    """The Django admin with our own site, which asks ``policy`` who may enter.

    urls.py calls ``autodiscover``, not this app, so that commands do not load the admin modules.
    """

    default_site = "knowledgetree.adminsite.KnowledgeTreeAdminSite"
