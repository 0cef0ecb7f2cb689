"""Django's permissions follow from the role: the group ``admin`` has all of them, others have none."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from knowledgetree.accounts import policy


class RoleBackend(ModelBackend):
    """Log-in by name and password; every model permission for admins (the Django admin asks for them)."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return policy.role_of(user_obj) is policy.Role.ADMIN

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return policy.role_of(user_obj) is policy.Role.ADMIN
