"""``hub send``: an MLLP client."""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.output import AsJson, print_line, progress, say

if TYPE_CHECKING:
    from hub.formats.hl7v2 import Acknowledgement

Target = Annotated[str, typer.Option("--to", metavar="HOST:PORT", help="Who takes the messages.")]


def send(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, or - for standard input.")],
    *,
    to: Target,
    rate: Annotated[
        float, typer.Option("--rate", min=0, help="Messages a second; 0: as fast as they are answered.")
    ] = 0,
    connections: Annotated[int, typer.Option("--connections", min=1, help="Connections side by side.")] = 1,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, help="Seconds to wait for each acknowledgement.")
    ] = 30,
    retry: Annotated[
        float, typer.Option("--retry", min=0, help="Seconds for which a message without an answer is sent again.")
    ] = 0,
    tls: Annotated[bool, typer.Option("--tls", help="Over TLS 1.2 or newer.")] = False,
    tls_ca: Annotated[str, typer.Option("--tls-ca", help="PEM file of whom to trust; default: the system's.")] = "",
    tls_cert: Annotated[str, typer.Option("--tls-cert", help="PEM file with an own certificate and its key.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send messages over MLLP and print each acknowledgement. Exit 1 if any is not AA or CA."""
    context = tls_context(tls_ca, tls_cert) if tls or tls_ca or tls_cert else None
    way = {"rate": rate or None, "connections": connections, "answer_seconds": timeout, "retry_seconds": retry}
    raise typer.Exit(deliver(messages_of(paths), to, as_json=as_json, tls=context, **way))


def messages_of(paths: Sequence[str]) -> Iterator[bytes]:
    """The messages in the files, one or a batch in each; what is neither goes as it is, for the other side to judge."""
    from hub.cli import inputs
    from hub.errors import Unreadable
    from hub.formats.hl7v2 import split_batch

    for path in inputs.files(paths):
        data = inputs.read(path)
        try:
            yield from split_batch(data)
        except Unreadable:
            yield data


def deliver(messages: Iterator[bytes], to: str, *, as_json: bool, **way: Any) -> int:
    """Sends (``way`` is how, for the service) and prints; returns the exit status."""
    from hub.services.operations.send import send as service

    host, port = address(to)
    show = _print_json if as_json else _print
    with progress("sending") as step:

        def answered(answer: "Acknowledgement") -> None:
            show(answer)
            step()

        report = asyncio.run(service(messages, host, port, on_ack=answered, **way))
    counts = f"{report.accepted} accepted, {report.refused} refused, {report.unanswered} unanswered"
    say(f"{report.sent} sent, {counts}, {report.sent / max(report.seconds, 0.001):,.0f}/s")
    return 0 if report.all_accepted else 1


def address(text: str) -> tuple[str, int]:
    """Host and port; a port alone is on this machine."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise typer.BadParameter(f"{text!r} is not HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def tls_context(ca: str, certificate: str) -> ssl.SSLContext:
    """What a client trusts and shows."""
    from hub.errors import NotFound

    for file in filter(None, (ca, certificate)):
        if not Path(file).is_file():
            raise NotFound(f"{file}: no such file")
    context = ssl.create_default_context(cafile=ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate)
    return context


def _print(answer: "Acknowledgement") -> None:
    print(" ".join(filter(None, (answer.code or "--", _text(answer.control_id), answer.text))))


def _print_json(answer: "Acknowledgement") -> None:
    print_line({"code": answer.code, "control_id": _text(answer.control_id), "text": answer.text})


def _text(control_id: bytes) -> str:
    return control_id.decode("utf-8", "backslashreplace")
