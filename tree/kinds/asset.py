"""Assets: the computers."""

from neomodel import BooleanProperty, FloatProperty, IntegerProperty, RelationshipTo, StringProperty

from tree.kinds.base import ContextItem, Evidence
from tree.kinds.links import Link


class Asset(ContextItem):
    """A computer. Key ``asset:<id>``."""

    links = (Link("USED_BY", to="User", via="user_key", evidence="last logged-in user"),)

    codex_id = IntegerProperty()
    account_number = StringProperty()
    hostname = StringProperty()
    hardware_type = StringProperty()
    operating_system = StringProperty()
    device_type = StringProperty()
    last_logged_in_user = StringProperty()
    antivirus_product = StringProperty()
    ext_ip_address = StringProperty()
    int_ip_address = StringProperty()
    domain = StringProperty()
    online = BooleanProperty()
    last_seen = StringProperty()
    backup_usage_tb = FloatProperty()
    backup_data_bytes = IntegerProperty()
    user_key = StringProperty()

    used_by = RelationshipTo("User", "USED_BY", model=Evidence)

    class Meta:
        app_label = "tree"
