"""Defines assets, the computers of a company."""

from typing import Any

from msgspec import Struct

from syncing.kinds.declaration.desired import Desired, Links
from syncing.kinds.declaration.documents import facts_document, yes_or_no
from syncing.kinds.declaration.kind import Directory, Kind
from syncing.kinds.declaration.names import clean_name
from syncing.kinds.declaration.validation import Bytes, CodexId, Line, Name, as_number
from tree.text.escaping import escaped


class Asset(Struct, kw_only=True, gc=False):
    """``GET /api/companies/<account>/assets``."""

    id: CodexId
    hostname: Name
    backup_data_bytes: Bytes
    hardware_type: Line | None = None
    operating_system: Line | None = None
    device_type: Line | None = None
    last_logged_in_user: Line | None = None
    antivirus_product: Line | None = None
    ext_ip_address: Line | None = None
    int_ip_address: Line | None = None
    domain: Line | None = None
    online: bool | None = None
    last_seen: Line | None = None
    backup_usage_tb: Line | float | None = None


class Assets(Kind[Asset]):
    record = Asset
    label = "Asset"
    list_name = "assets"
    title = "Assets"
    folder = ("assets", "Assets")

    def key(self, account: str, codex_id: object) -> str:
        return f"asset:{codex_id}"

    def node_name(self, record: Asset) -> str:
        return f"{clean_name(record.hostname)}.md"

    def links(self, record: Asset, directory: Directory) -> Links:
        return {"user_key": directory.people.with_login(record.last_logged_in_user)}

    def document(self, record: Asset) -> str:
        """The computer's facts, with one line for each fact that Codex has."""
        facts = (
            ("Hardware type", record.hardware_type),
            ("Device type", record.device_type),
            ("Operating system", record.operating_system),
            ("Last logged-in user", record.last_logged_in_user),
            ("Domain", record.domain),
            ("Internal IP", record.int_ip_address),
            ("External IP", record.ext_ip_address),
            ("Antivirus", record.antivirus_product),
            ("Online", yes_or_no(record.online)),
            ("Last seen", record.last_seen),
        )
        return facts_document(f"Computer Information: {escaped(record.hostname)}", facts)

    def properties(self, record: Asset, node: Desired, account: str) -> dict[str, Any]:
        return super().properties(record, node, account) | {"backup_usage_tb": as_number(record.backup_usage_tb)}
