"""TLS (1.2 or newer): what its files are, the contexts made of them, the names on a certificate."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, Field

Stamp = tuple[tuple[int, int], ...]

_NAMED = ("DNS", "URI", "email", "IP Address")
"""The kinds of subjectAltName that name somebody (RFC 5280, section 4.2.1.6)."""


class ServerTls(BaseModel, extra="forbid", frozen=True):
    """The files of a listener that speaks TLS. Paths are relative to the folder of the configuration."""

    certificate: Path = Field(description="PEM file: the hub's certificate, then those that lead to its authority")
    key: Path | None = Field(None, description="PEM file: the certificate's key; default: in the same file")
    clients: Path | None = Field(
        None, description="PEM file: authorities of clients; then each must show a certificate"
    )

    def within(self, folder: Path) -> Self:
        """The same with paths that do not depend on where one stands; once they do not, they stay."""
        return self.model_copy(update={name: (folder / file).absolute() for name, file in self._files().items()})

    def context(self) -> ssl.SSLContext:
        """Made anew of what the files hold now. Raises ``ValueError``, which names the file that is not right."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        with _naming(self.key or self.certificate):
            context.load_cert_chain(self.certificate, self.key)
        if self.clients:
            with _naming(self.clients):
                context.load_verify_locations(self.clients)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the files, with the key of the adapter's options."""
        try:
            self.context()
        except ValueError as error:
            yield "adapter.tls", str(error)

    def stamp(self) -> Stamp:
        """Changes when a file does."""
        return tuple(map(_state, self._files().values()))

    def _files(self) -> dict[str, Path]:
        files = {"certificate": self.certificate, "key": self.key, "clients": self.clients}
        return {name: file for name, file in files.items() if file}


def client_context(authorities: Path, certificate: Path | None = None) -> ssl.SSLContext:
    """For a client that trusts the authorities and shows the certificate. Raises ``ValueError``, which names the file
    that is not right."""
    with _naming(authorities):
        context = ssl.create_default_context(cafile=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        with _naming(certificate):
            context.load_cert_chain(certificate)
    return context


def client_problems(key: str, authorities: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with the file of whom a client trusts, with the key of the adapter's options."""
    try:
        client_context(authorities)
    except ValueError as error:
        yield key, str(error)


def within(folder: Path, file: Path | None) -> Path | None:
    """A path that does not depend on where one stands; once it does not, it stays."""
    return (folder / file).absolute() if file else None


def _state(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Says which file was not right."""
    try:
        yield
    except ssl.SSLError as error:
        raise ValueError(f"{file} holds no usable PEM ({error.reason or 'no certificate or key'})") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read ({error.strerror})") from None


def peer_names(certificate: Mapping[str, Any] | None) -> frozenset[str]:
    """The names on a verified certificate (as ``SSLSocket.getpeercert`` gives it): common name and alternative names,
    in lower case; none without a certificate."""
    if not certificate:
        return frozenset()
    subject = [value for part in certificate.get("subject", ()) for kind, value in part if kind == "commonName"]
    others = [value for kind, value in certificate.get("subjectAltName", ()) if kind in _NAMED]
    return frozenset(name.lower() for name in (*subject, *others))
