"""A folder that a practice's system picks files up from."""

import csv
import io
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import orjson
from pydantic import BaseModel, Field

from hub.errors import EndpointUnavailable
from hub.model import Delivery, Json
from hub.registry import Kind, plugin
from hub.settings import Settings

COLUMNS = (
    "notification_id",
    "version",
    "event_key",
    "kind",
    "urgency",
    "role",
    "occurred_at",
    "created_at",
    "title",
    "text",
    "patient_name",
    "patient_birth_date",
    "patient_sex",
    "patient_identifiers",
    "message_id",
    "reasons",
)


class FolderOptions(BaseModel, extra="forbid"):
    """Where to, and in which formats."""

    path: Path = Field(description="folder for the files; relative to HUB_DATA; created when missing")
    formats: tuple[Literal["json", "csv"], ...] = Field(("json", "csv"), description="one file per notice and format")


@plugin(Kind.CHANNEL, "folder", FolderOptions)
class Folder:
    """One file per notice and format, complete from the moment it appears; a second delivery replaces the same file."""

    needs = frozenset[str]()

    def __init__(self, options: FolderOptions, settings: Settings) -> None:
        self._folder = settings.data / options.path
        self._formats = options.formats

    def send(self, delivery: Delivery) -> str:
        files = [self._folder / f"{delivery.id}.{suffix}" for suffix in self._formats]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for file in files:
                _write_durably(file, _WRITERS[file.suffix](delivery))
        except OSError as error:
            raise EndpointUnavailable(f"{self._folder}: {error.strerror}") from error
        return str(files[0])

    def close(self) -> None:
        """Files are complete when they are sent."""


def _write_durably(file: Path, content: bytes) -> None:
    """Whoever watches the folder never sees half a file: written beside it, flushed to disk, then renamed."""
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)


def _json(delivery: Delivery) -> bytes:
    body = {"id": delivery.notification.id, **asdict(delivery.notification), "patient": delivery.patient}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _csv(delivery: Delivery) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    row = _row(delivery)
    writer.writerows([COLUMNS, [_neutral(str(row[column])) for column in COLUMNS]])
    return text.getvalue().encode("utf-8")


def _row(delivery: Delivery) -> Json:
    notice, patient = asdict(delivery.notification), delivery.patient
    named = {f"patient_{name}": patient.get(name, "") for name in ("name", "birth_date", "sex")}
    return {
        **notice,
        **named,
        "notification_id": delivery.notification.id,
        "patient_identifiers": "; ".join(patient.get("identifiers", [])),
        "reasons": "; ".join(notice["reasons"]),
    }


def _neutral(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets an apostrophe (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


_WRITERS: dict[str, Callable[[Delivery], bytes]] = {".json": _json, ".csv": _csv}
