"""Certificates of a test: a town's own authority, its broker's and its clients', made anew each time."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.clock import SystemClock


class Pair(NamedTuple):
    cert_file: str
    key_file: str


class Authority:
    """Signs what it is asked to; `ca_file` is what others trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._now = datetime.fromtimestamp(SystemClock().now_ms() / 1000, UTC)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("Town authority")
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        own = (
            self._begun(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(self._identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.ca_file = self._kept("ca.pem", own.public_bytes(serialization.Encoding.PEM))

    def pair(self, name: str, *, address: str | None = None) -> Pair:
        """Return a certificate with its key; with an address it is a server's."""
        key = ec.generate_private_key(ec.SECP256R1())
        asked = self._begun(_named(name), key).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._identifier), critical=False
        )
        if address is not None:
            asked = asked.add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False
            )
        signed = asked.sign(self._key, hashes.SHA256())
        plain = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Pair(
            self._kept(f"{name}.pem", signed.public_bytes(serialization.Encoding.PEM)), self._kept(f"{name}.key", plain)
        )

    def _begun(self, name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(hours=1))
            .not_valid_after(self._now + timedelta(days=1))
        )

    def _kept(self, name: str, data: bytes) -> str:
        path = self._folder / name
        path.write_bytes(data)
        return str(path)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
