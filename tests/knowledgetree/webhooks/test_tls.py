"""A receiver has to prove who it is: its certificate is of its host's name, and of somebody who is trusted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from knowledgetree.webhooks import events, sending
from knowledgetree.webhooks.deliveries import send_due
from knowledgetree.webhooks.event_types import EventType
from knowledgetree.webhooks.models import Delivery
from tests.knowledgetree.webhooks.conftest import Receiver, serving

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def certificate(folder: Path, host: str, *, ends: datetime = NOW + timedelta(days=1)) -> Path:
    """A file with a key and a certificate for this host that is signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=2))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture(autouse=True)
def _tls_is_read_anew() -> Iterator[None]:
    sending._tls.cache_clear()
    yield
    sending._tls.cache_clear()


@pytest.mark.parametrize(
    ("host", "ends", "is_trusted", "problem"),
    [
        ("localhost", NOW + timedelta(days=1), True, ""),
        ("localhost", NOW + timedelta(days=1), False, "The connection is not safe: CERTIFICATE_VERIFY_FAILED."),
        ("localhost", NOW - timedelta(days=1), True, "The connection is not safe: CERTIFICATE_VERIFY_FAILED."),
        ("other.example", NOW + timedelta(days=1), True, "The connection is not safe: CERTIFICATE_VERIFY_FAILED."),
    ],
    ids=["good", "unknown signer", "expired", "another host"],
)
def test_a_bad_certificate_gets_no_event(
    host: str,
    ends: datetime,
    is_trusted: bool,
    problem: str,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = certificate(tmp_path, host, ends=ends)
    if is_trusted:
        monkeypatch.setattr(certifi, "where", lambda: str(file))
    with serving(receiver, file):
        receiver.endpoint()
        events.emit(EventType.NODE_MOVED, {})
        send_due()
    [tried] = Delivery.objects.get().tries
    assert tried["problem"] == problem
    assert len(receiver.got) == (0 if problem else 1)
