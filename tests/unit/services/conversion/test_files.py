import os
from pathlib import Path

import orjson
import pytest

from hub.errors import NotFound
from hub.model import Json
from hub.services.conversion.files import convert_paths
from hub.settings import Feed, PluginUse

FEED = Feed(name="files", adapter=PluginUse(kind="folder"))
MESSAGE = "MSH|^~\\&|HIS|MERCY|||20260302||ADT^A01|{}|P|2.5\rPID|1||70045^^^MERCY^MR||Andrews^Harold\rPV1|1|I\r"


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, newline="")
    return file


def kinds(bundle: Json) -> list[str]:
    return [entry["resource"]["resourceType"] for entry in bundle["entry"]]


def test_folder_in_order(tmp_path: Path) -> None:
    """A folder is converted by file name, one message a file, hidden files left out."""
    for name in ("b.hl7", "a.hl7", ".hidden"):
        write(tmp_path, name, MESSAGE.format(name))
    done: list[str] = []
    made = list(convert_paths([str(tmp_path)], FEED, progress=done.append))
    assert [name for name, _ in made] == [str(tmp_path / "a.hl7"), str(tmp_path / "b.hl7")]
    assert [bundle["identifier"]["value"] for _, bundle in made] == ["a.hl7", "b.hl7"]
    assert done == [name for name, _ in made]


def test_batch(tmp_path: Path) -> None:
    """Each message of a batch is a bundle of its own, numbered."""
    batch = "BHS|^~\\&\r" + MESSAGE.format("1") + MESSAGE.format("2") + "BTS|2\r"
    file = write(tmp_path, "batch.hl7", batch)
    assert [name for name, _ in convert_paths([str(file)], FEED)] == [f"{file}#1", f"{file}#2"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no message", "100"),
        ("MSH|^^^^|HIS|MERCY|||20260302||ADT^A40|1|P|2.5", "unreadable"),
        ("", "100"),
    ],
)
def test_bad_message(tmp_path: Path, text: str, code: str) -> None:
    """A message that cannot be converted is a collection with the outcome that says why, and the next one follows."""
    bad, good = write(tmp_path, "a.hl7", text), write(tmp_path, "b.hl7", MESSAGE.format("1"))
    (_, failed), (_, made) = convert_paths([str(bad), str(good)], FEED)
    assert failed["type"] == "collection"
    (issue,) = failed["entry"][0]["resource"]["issue"]
    assert issue["severity"] == "error"
    assert issue["details"]["coding"][0]["code"] == code
    assert "Encounter" in kinds(made)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("MSH|^~\\&|HIS|MERCY|||20260302||ADT^A01|1|P|2.5\rPV1|1|I", "100"),
        ("MSH|^~\\&|HIS|MERCY|||20260302||ADT^A01|1|P|2.5\rPID|1||^^^MERCY\rPV1|1|I", "101"),
    ],
)
def test_unfit_message(tmp_path: Path, text: str, code: str) -> None:
    """A message that lacks its patient is converted by what it has, and its outcome has an error."""
    ((_, made),) = convert_paths([str(write(tmp_path, "a.hl7", text))], FEED)
    assert "Encounter" in kinds(made)
    (issue,) = made["entry"][-1]["resource"]["issue"]
    assert (issue["severity"], issue["details"]["coding"][0]["code"]) == ("error", code)


def test_batch_with_a_broken_envelope(tmp_path: Path) -> None:
    """Where nobody says what a file is, the messages of a batch whose envelope is broken are converted before it is
    said what is wrong; for a feed that somebody configured the file is no batch."""
    file = write(tmp_path, "batch.hl7", MESSAGE.format("1") + MESSAGE.format("2") + "BTS|2\r")
    assert [made["type"] for _, made in convert_paths([str(file)], FEED)] == ["collection"]
    found = list(convert_paths([str(file)], FEED, guess=True))
    assert [made["type"] for _, made in found] == ["message", "message", "collection"]
    assert [name for name, _ in found] == [f"{file}#1", f"{file}#2", str(file)]


@pytest.mark.parametrize("declared", ["", "UNICODE UTF-8"])
def test_bytes_of_no_known_set(tmp_path: Path, declared: str) -> None:
    """Bytes that are not what MSH-18 says are read as Windows-1252, with a warning, where nobody says what the feed
    sends; for a feed that somebody configured they are unreadable."""
    header = f"MSH|^~\\&|HIS|MERCY|||20260302||ADT^A01|1|P|2.5||||||{declared}"
    file = tmp_path / "a.hl7"
    file.write_bytes(f"{header}\rPID|1||7^^^MERCY||M\u00fcller^Zo\u00eb\r".encode("cp1252"))
    ((_, failed),) = convert_paths([str(file)], FEED)
    assert failed["type"] == "collection"
    ((_, made),) = convert_paths([str(file)], FEED, guess=True)
    resources = [entry["resource"] for entry in made["entry"]]
    (patient,) = (one for one in resources if one["resourceType"] == "Patient")
    assert patient["name"] == [{"family": "M\u00fcller", "given": ["Zo\u00eb"]}]
    (issue,) = resources[-1]["issue"]
    assert (issue["severity"], issue["expression"]) == ("warning", ["MSH-18"])


def test_missing_path(tmp_path: Path) -> None:
    """A path that does not exist is an error before anything is converted."""
    with pytest.raises(NotFound):
        convert_paths([str(tmp_path / "none.hl7")], FEED)


def test_same_file_same_bundle(tmp_path: Path) -> None:
    """A message without a time of its own takes the time the file was written, so it always gives the same bundle."""
    file = write(tmp_path, "a.hl7", MESSAGE.format("1").replace("20260302", ""))
    os.utime(file, (1_700_000_000, 1_700_000_000))
    ((_, first),) = convert_paths([str(file)], FEED)
    ((_, second),) = convert_paths([str(file)], FEED)
    assert first["timestamp"] == "2023-11-14T22:13:20.000Z"
    assert orjson.dumps(first) == orjson.dumps(second)


def test_document_that_is_broken(tmp_path: Path) -> None:
    """A document that no engine can read says so."""
    file = write(tmp_path, "scan.tif", "II*\x00")
    ((_, failed),) = convert_paths([str(file)], FEED)
    assert failed["entry"][0]["resource"]["issue"][0]["details"]["coding"][0]["code"] == "broken-image"
