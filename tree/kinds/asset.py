"""Assets: the computers."""

from neomodel import RelationshipTo

from tree.kinds.declaration.about import About, Filter
from tree.kinds.declaration.base import ContextItem, Evidence
from tree.kinds.declaration.fields import Bytes, Code, Flag, IpAddress, Key, Number, Terabytes, Text, Time
from tree.kinds.declaration.link import Link
from tree.kinds.declaration.listing import FilterBy, Listing


class Asset(ContextItem):
    """A computer. Key ``asset:<id>``."""

    about = About(
        singular="Computer",
        plural="Computers",
        icon="monitor",
        what="a computer, named `<hostname>.md`",
        key="`asset:<id>`",
        is_record=True,
        folder="assets",
        text_is_facts=True,
        variables={"name": "hostname", "ip": "int_ip_address", "system": "operating_system"},
        called="hostname",
        changed="last_seen",
        summary=("operating_system", "int_ip_address"),
        columns=("name", "operating_system", "int_ip_address", "account_number", "archived_at", "updated_at"),
        filters=(Filter("online", "network", {True: "Online", False: "Offline"}),),
        listing=Listing(
            columns=("operating_system", "int_ip_address", "last_logged_in_user", "last_seen", "online"),
        ),
    )
    links = (Link("USED_BY", to="User", via="user_key", evidence="last logged-in user", seen_from_there="Uses"),)

    hostname = Code("Host", searched=True, listed=True)
    int_ip_address = IpAddress("Internal IP", searched=True, listed=True)
    ext_ip_address = IpAddress("External IP", searched=True)
    online = Flag("Online", listed=True)
    last_seen = Time("Last seen", filtered=FilterBy.TIME, indexed=True)
    last_logged_in_user = Code("Last login", searched=True)
    operating_system = Text("System", searched=True, listed=True, filtered=FilterBy.CHOICE)
    hardware_type = Text("Hardware", searched=True)
    device_type = Text("Device type", filtered=FilterBy.CHOICE)
    domain = Code("Domain")
    antivirus_product = Text("Antivirus")
    backup_usage_tb = Terabytes("Backup used")
    backup_data_bytes = Bytes("Backup size")
    account_number = Code("Account", searched=True, listed=True)
    codex_id = Number()
    user_key = Key()

    used_by = RelationshipTo(".user.User", "USED_BY", model=Evidence)

    class Meta:
        app_label = "tree"
