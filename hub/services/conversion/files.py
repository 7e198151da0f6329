"""Conversion without a running hub: files, folders or standard input to FHIR bundles (``hub convert``)."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hub.errors import Held, HubError, NotFound, Unreadable
from hub.fhir.posted.messages import messages_in_text
from hub.formats.bodies import media_type
from hub.formats.hl7v2.batch import salvage_batch, split_batch
from hub.formats.hl7v2.header import patient_key, salvage_header, text_of
from hub.formats.rows import row_messages
from hub.mappers import convert
from hub.mappers.envelope import operation_outcome
from hub.model import Format, Issue, Json, RawMessage, Severity, stable_id
from hub.ports import Page
from hub.services.conversion.coverage import Report
from hub.services.fax.pages import shared_reader
from hub.settings import Feed

STDIN = "-"
PIECE = 1024 * 1024
_FRAMING = b"\x0b\x1c"
"""Start and end of an MLLP block, which recordings of a connection contain."""
_DOCUMENTS = {".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg"}


def convert_paths(
    paths: Sequence[str],
    feed: Feed,
    *,
    progress: Callable[[str], None] = lambda _: None,
    report: Report | None = None,
    guess: bool = False,
) -> Iterator[tuple[str, Json]]:
    """One ``(name, Bundle)`` for each message, in input order; folders by file name, ``-`` is standard input.

    A file holds one message unless it is a batch; ``.csv`` files hold rows, ``.json`` files FHIR, and ``.pdf`` and
    images are documents. Of a message that cannot be converted the bundle (type ``collection``) holds the
    OperationOutcome that says why. ``progress`` is told the name of each file when it is done, and ``report`` counts
    what became of each message. ``guess``: bytes that are not of the character set of their message are read as
    Windows-1252, with a warning, and of a batch whose envelope is broken the messages are converted before the failure
    is told. One file is in memory at a time. Raises ``NotFound`` at once for a path that is not.
    """
    files = _files(paths)

    def bundles() -> Iterator[tuple[str, Json]]:
        for file in files:
            for name, raw in _messages(file, feed, guess=guess):
                yield name, _bundle(name, raw, feed, report, guess=guess)
            progress(label(file))

    return bundles()


def count_files(paths: Sequence[str]) -> int:
    """How many files ``convert_paths`` reads. Raises ``NotFound``."""
    return sum(1 for _ in _files(paths))


def _bundle(name: str, raw: RawMessage | Json, feed: Feed, report: Report | None, *, guess: bool) -> Json:
    """The bundle of a message; what could not be read has become one already."""
    if isinstance(raw, dict):
        if report:
            report.fail(name, raw)
        return raw
    feed = feed.within(raw.sender)
    bundle = converted(raw, feed)
    if guess and _code(bundle) == "charset":
        raw, bundle = _guessed(raw, feed, bundle)
    if report:
        report.take(name, raw, bundle, feed.charset)
    return bundle


def _code(bundle: Json) -> str:
    """Why a message could not be converted; nothing for one that was."""
    if bundle["type"] == "message":
        return ""
    return str(bundle["entry"][0]["resource"]["issue"][0]["details"]["coding"][0]["code"])


def _guessed(raw: RawMessage, feed: Feed, failure: Json) -> tuple[RawMessage, Json]:
    """The message read in the set that most senders mean who do not say the right one, and its bundle, which warns."""
    try:
        text = raw.body.decode("cp1252")
    except UnicodeDecodeError:
        return raw, failure
    read = replace(raw, body=text.encode())
    bundle = converted(read, feed)
    if bundle["type"] == "message":
        _warn(bundle, raw, "the bytes are not what MSH-18 says: they were read as Windows-1252")
    return read, bundle


def _warn(bundle: Json, raw: RawMessage, text: str) -> None:
    """Adds to the outcome of a bundle what was noticed before it was made."""
    warned = operation_outcome(raw.id, [Issue(Severity.WARNING, "charset", "MSH-18", text)])
    *_, last = bundle["entry"]
    if last["resource"]["resourceType"] == "OperationOutcome":
        last["resource"]["issue"] += warned["issue"]
    else:
        bundle["entry"].append({"fullUrl": f"urn:uuid:{warned['id']}", "resource": warned})


def converted(raw: RawMessage, feed: Feed) -> Json:
    """The bundle of a raw message, or of what is wrong with it."""
    try:
        return convert(raw, feed, _pages(raw)).bundle
    except Held as failure:
        return _failed(raw.id, failure.code, *(failure.findings or [(failure.path, str(failure))]))
    except Unreadable as failure:
        return _failed(raw.id, failure.code, (failure.path, str(failure)))
    except Exception as failure:  # noqa: BLE001 - whatever is in a message, the ones after it are converted
        return _failed(raw.id, "exception", ("", f"the message cannot be processed ({type(failure).__name__})"))


def messages_in(file: Path, feed: Feed, received: datetime) -> Iterator[tuple[str, RawMessage]]:
    """The messages of a file with their names: rows by line, messages of a batch by number.

    Raises ``Unreadable`` for a file that is not what its name says, and ``OSError``.
    """
    suffix, name = file.suffix.lower(), label(file)
    if suffix == ".csv" or feed.format is Format.CSV:
        feed = feed if feed.type else feed.model_copy(update={"type": "referral"})
        for message in row_messages(pieces(file), feed, file.name).messages:
            row_id = f"{file.name}#{message.line}"
            raw = _raw(feed, message.body, received, form=Format.CSV, kind=feed.type, control_id=row_id)
            yield f"{name}#{message.line}", raw
    elif suffix in _DOCUMENTS:
        body = b"".join(pieces(file))
        kind = media_type(file.name, body)
        yield name, _raw(feed, body, received, form=Format.DOCUMENT, kind=kind, control_id=file.name)
    elif suffix == ".json" or feed.format is Format.FHIR:
        posted = messages_in_text(b"".join(pieces(file)), feed.name)
        for number, one in enumerate(posted, 1):
            known = {"kind": one.type, "control_id": one.control_id, "key": one.key}
            named = name if len(posted) == 1 else f"{name}#{number}"
            yield named, _raw(feed, one.text, received, form=Format.FHIR, **known)
    else:
        messages = split_batch(b"".join(pieces(file)).translate(None, _FRAMING)).messages
        for number, body in enumerate(messages, 1):
            yield name if len(messages) == 1 else f"{name}#{number}", message_of(feed, body, received)


def label(file: Path) -> str:
    """How a file is named to a person."""
    return "standard input" if str(file) == STDIN else str(file)


def _files(paths: Sequence[str]) -> Iterator[Path]:
    found = [Path(name) for name in paths]
    for name, path in zip(paths, found, strict=True):
        if name != STDIN and not path.exists():
            raise NotFound(f"{name}: no such file or folder")
    return (file for path in found for file in _within(path))


def _within(path: Path) -> Iterator[Path]:
    """The file itself, or those of the folder by name, folder by folder: of each only the names are in memory."""
    if not path.is_dir():
        yield path
        return
    for name in sorted(os.listdir(path)):
        below = path / name
        if below.is_dir():
            if not below.is_symlink():
                yield from _within(below)
        elif not name.startswith(".") and below.is_file():
            yield below


def _messages(file: Path, feed: Feed, *, guess: bool) -> Iterator[tuple[str, RawMessage | Json]]:
    """The messages of a file; one that cannot be read gives its failure in their place, or after those of them that can
    be read all the same."""
    try:
        yield from messages_in(file, feed, received(file))
    except (HubError, OSError) as failure:
        if guess and isinstance(failure, Unreadable):
            yield from _salvaged(file, feed)
        reason = str(failure) if isinstance(failure, HubError) else f"the file cannot be read: {failure.strerror}"
        identity = stable_id("file", feed.name, label(file))
        code, path = getattr(failure, "code", "os-error"), getattr(failure, "path", "")
        yield label(file), _failed(identity, code, (path, reason))


def _salvaged(file: Path, feed: Feed) -> Iterator[tuple[str, RawMessage]]:
    """The messages of a batch whose envelope is broken; standard input can be read but once."""
    if str(file) == STDIN or file.suffix.lower() in {".csv", ".json", *_DOCUMENTS}:
        return
    bodies = salvage_batch(b"".join(pieces(file)).translate(None, _FRAMING))
    for number, body in enumerate(bodies, 1):
        yield f"{label(file)}#{number}", message_of(feed, body, received(file))


def pieces(file: Path) -> Iterator[bytes]:
    """The bytes of a file, or of standard input."""
    if str(file) == STDIN:
        yield sys.stdin.buffer.read()
        return
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            yield piece


def received(file: Path) -> datetime:
    """When the file was last written, so that the same file gives the same bundles."""
    status = os.fstat(sys.stdin.fileno()) if str(file) == STDIN else file.stat()
    return datetime.fromtimestamp(status.st_mtime, UTC)


def message_of(feed: Feed, body: bytes, received: datetime) -> RawMessage:
    """The raw message of these bytes."""
    header = salvage_header(body)
    return _raw(
        feed,
        body,
        received,
        form=Format.HL7V2,
        kind=f"{header.type}^{header.trigger}",
        control_id=text_of(header.control_id),
        sender=header.sender,
        key=patient_key(body, header),
    )


def _raw(
    feed: Feed,
    body: bytes,
    received: datetime,
    *,
    form: Format,
    kind: str,
    control_id: str,
    sender: str = "",
    key: str = "",
) -> RawMessage:
    digest = hashlib.sha256(body).hexdigest()
    identity = stable_id("message", feed.name, sender, control_id, digest)
    return RawMessage(
        id=identity,
        feed=feed.name,
        format=form,
        type=kind,
        key=key or identity,
        sender=sender,
        control_id=control_id,
        sha256=digest,
        received_at=received,
        origin="file",
        body=body,
    )


def _pages(raw: RawMessage) -> tuple[Page, ...]:
    if raw.format is not Format.DOCUMENT:
        return ()
    return shared_reader().read(raw.body, raw.type)


def _failed(identity: str, code: str, *findings: tuple[str, str]) -> Json:
    """The bundle of a message that cannot be converted: where it is wrong, and what is."""
    outcome = operation_outcome(identity, [Issue(Severity.ERROR, code, path, reason) for path, reason in findings])
    return {
        "resourceType": "Bundle",
        "id": stable_id("Bundle", identity),
        "type": "collection",
        "entry": [{"fullUrl": f"urn:uuid:{outcome['id']}", "resource": outcome}],
    }
