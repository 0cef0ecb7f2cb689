"""The roles of people, which are groups of Django."""

from enum import Enum


class Role(Enum):
    """The role of a user. The values are the names of the Django groups."""

    ADMIN = "admin"
    TECHNICIAN = "technician"
    BILLING = "billing"
    NONE = "none"  # logged in, but in none of the groups
    ANONYMOUS = "anonymous"


GROUPS = (Role.ADMIN.value, Role.TECHNICIAN.value, Role.BILLING.value)
ANYONE = frozenset(Role)
SIGNED_IN = ANYONE - {Role.ANONYMOUS}
READERS = frozenset({Role.ADMIN, Role.TECHNICIAN, Role.BILLING})
TECHNICIANS = frozenset({Role.ADMIN, Role.TECHNICIAN})
ADMINS = frozenset({Role.ADMIN})
