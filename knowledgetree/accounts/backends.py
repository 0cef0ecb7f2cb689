"""The authentication backend, which derives Django's permissions from the role: admins have all, others none."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from knowledgetree.accounts.rights import policy


class RoleBackend(ModelBackend):
    """Login by name and password. Admins have every model permission, as the Django admin requires."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return policy.role_of(user_obj) is policy.Role.ADMIN

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return policy.role_of(user_obj) is policy.Role.ADMIN
