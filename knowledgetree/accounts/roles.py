"""The roles of people, which are groups of Django."""

from enum import Enum


class Role(Enum):
    """The role of a user. The values are the names of the Django groups, the strongest first."""

    ADMIN = "admin"
    TECHNICIAN = "technician"
    BILLING = "billing"
    CLIENT = "client"  # a person of a client: reads the companies that an admin has opened to them
    NONE = "none"  # logged in, but in none of the groups
    ANONYMOUS = "anonymous"


GROUPS = (Role.ADMIN.value, Role.TECHNICIAN.value, Role.BILLING.value, Role.CLIENT.value)
ANYONE = frozenset(Role)
SIGNED_IN = ANYONE - {Role.ANONYMOUS}
READERS = frozenset({Role.ADMIN, Role.TECHNICIAN, Role.BILLING})
VISITORS = READERS | {Role.CLIENT}
TECHNICIANS = frozenset({Role.ADMIN, Role.TECHNICIAN})
ADMINS = frozenset({Role.ADMIN})
