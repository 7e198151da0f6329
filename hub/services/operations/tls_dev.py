"""A throw-away authority with certificates for trying TLS on one's own machine (``hub tls dev``)."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.errors import NotAllowed

DAYS = 30
"""How long they are good: long enough to try, too short to forget."""

_Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class DevFiles:
    """What was written: the authority's certificate, and for either side its certificate and key in one PEM file."""

    authority: Path
    hub: Path
    client: Path


def make_dev_certificates(folder: Path, hosts: Iterable[str], client: str, now: datetime) -> DevFiles:
    """Writes ``ca.pem``, ``hub.pem`` (for the ``hosts``, names or addresses) and ``client.pem`` (for one ``client``).

    The authority's key is thrown away: nobody can sign with it later. Raises ``NotAllowed`` rather than overwrite.
    """
    files = DevFiles(folder / "ca.pem", folder / "hub.pem", folder / "client.pem")
    for file in (files.authority, files.hub, files.client):
        if file.exists():
            raise NotAllowed(f"{file} exists; name another folder with --out, or remove it")
    folder.mkdir(parents=True, exist_ok=True)
    signer = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(signer, now)
    _write(files.authority, _pem(authority))
    for file, names, use in (
        (files.hub, list(hosts), ExtendedKeyUsageOID.SERVER_AUTH),
        (files.client, [client], ExtendedKeyUsageOID.CLIENT_AUTH),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        _write(file, _pem(_certificate(authority, signer, key, names, use)) + _key_pem(key))
    return files


def _authority(key: _Key, now: datetime) -> x509.Certificate:
    name = _name("Carering throw-away authority")
    return (
        _builder(name, name, key, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_usage(signs=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _certificate(
    authority: x509.Certificate, signer: _Key, key: _Key, names: list[str], use: x509.ObjectIdentifier
) -> x509.Certificate:
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        _builder(_name(names[0]), authority.subject, key, authority.not_valid_before_utc)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        .add_extension(issuer, critical=False)
        .add_extension(_usage(signs=False), critical=True)
        .sign(signer, hashes.SHA256())
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: _Key, start: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=DAYS))
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: _Key) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _write(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
