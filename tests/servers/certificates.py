"""Certificates made on the spot, for the tests' own TLS servers."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """A certificate authority made on the spot in `folder`, and a server it vouches for on loopback."""

    def __init__(self, folder: Path) -> None:
        self.ca_file = folder / "authority.pem"
        self.server_file = folder / "server.pem"
        authority_key, authority = _certificate("test authority", None, ca=True)
        server_key, server = _certificate("localhost", (authority_key, authority), ca=False)
        self.ca_file.write_bytes(_pem(authority))
        self.server_file.write_bytes(_pem_key(server_key) + _pem(server))  # in the order that Postfix wants

    def server_context(self) -> ssl.SSLContext:
        """For the server's side of TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server_file)
        return context


_Key = ec.EllipticCurvePrivateKey


def _certificate(
    name: str, issuer: tuple[_Key, x509.Certificate] | None, *, ca: bool
) -> tuple[_Key, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer, above = (key, subject) if issuer is None else (issuer[0], issuer[1].subject)
    today = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return key, builder.sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _pem_key(key: _Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
