"""Signing keys made on the spot, and the records under which their public halves are published."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

FORMATS = {
    "PKCS#1": serialization.PrivateFormat.TraditionalOpenSSL,
    "PKCS#8": serialization.PrivateFormat.PKCS8,
}


@cache
def rsa_key(bits: int = 2048, place: int = 0) -> rsa.RSAPrivateKey:
    """Keys take a second to make: one for each `bits` and `place`."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def pem(
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, form: str = "PKCS#1", password: bytes = b""
) -> bytes:
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, FORMATS[form], locked)


def key_record(key: rsa.RSAPrivateKey) -> str:
    """What is published at selector._domainkey.domain."""
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def write_key(path: Path, octets: bytes | None = None, mode: int = 0o600) -> Path:
    path.write_bytes(pem(rsa_key()) if octets is None else octets)
    path.chmod(mode)
    return path
