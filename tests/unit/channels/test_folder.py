import csv
from pathlib import Path

import orjson
import pytest

from hub.channels.folder import Folder, FolderOptions
from hub.channels.inbox import Inbox
from hub.errors import EndpointUnavailable
from hub.model import Delivery, Notification, Role, Urgency
from hub.registry import NoOptions
from hub.settings import Settings

NOTICE = Notification(
    event_id="e1",
    event_key="k1",
    version=1,
    practice_id="panel-busy",
    npi="1234567893",
    role=Role.PCP,
    person_id="p1",
    message_id="m1",
    kind="ed-arrival",
    urgency=Urgency.MEDIUM,
    title="=HYPERLINK(1)",
    text="Arrived in the emergency department.",
    rule="ed-arrival",
    reasons=("on the panel", "PD1-4 names Dr. Busy"),
    occurred_at="2026-03-02T12:40:00-05:00",
    created_at="2026-03-02T17:40:01.000000Z",
)
PATIENT = {"name": "Harold Andrews", "birth_date": "1955-09-14", "sex": "male", "identifiers": ["urn:mercy|70045"]}
DELIVERY = Delivery("d1", NOTICE, "folder", {}, PATIENT)


def folder(data: Path, **options: object) -> Folder:
    return Folder(FolderOptions.model_validate({"path": "outbound", **options}), Settings(data=data))


def test_a_notice_is_a_json_and_a_csv_file(tmp_path: Path) -> None:
    """Each notice is one complete file in each format, named by its delivery; the receipt is its path."""
    receipt = folder(tmp_path).send(DELIVERY)
    assert Path(receipt) == tmp_path / "outbound" / "d1.json"
    body = orjson.loads(Path(receipt).read_bytes())
    assert (body["id"], body["kind"], body["patient"]) == (NOTICE.id, "ed-arrival", PATIENT)
    with (tmp_path / "outbound" / "d1.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["patient_name"], row["patient_identifiers"], row["urgency"]) == (
        "Harold Andrews",
        "urn:mercy|70045",
        "medium",
    )


def test_a_second_delivery_replaces_the_same_files(tmp_path: Path) -> None:
    """Delivered twice, a notice is still one file in each format, and no half file stays behind."""
    for _ in range(2):
        folder(tmp_path).send(DELIVERY)
    assert sorted(p.name for p in (tmp_path / "outbound").iterdir()) == ["d1.csv", "d1.json"]


def test_a_cell_is_never_a_formula(tmp_path: Path) -> None:
    """What a spreadsheet would run is text in the CSV."""
    folder(tmp_path, formats=["csv"]).send(DELIVERY)
    assert ",'=HYPERLINK(1)," in (tmp_path / "outbound" / "d1.csv").read_text(encoding="utf-8")
    assert not (tmp_path / "outbound" / "d1.json").exists()


def test_a_folder_that_cannot_be_written_may_be_tried_again(tmp_path: Path) -> None:
    """A folder that is out of reach for now is no reason to give a notice up."""
    (tmp_path / "outbound").write_text("in the way", encoding="utf-8")
    with pytest.raises(EndpointUnavailable):
        folder(tmp_path).send(DELIVERY)


def test_the_inbox_has_its_notice_already(tmp_path: Path) -> None:
    """A notice is in the inbox when it is written; the receipt says where."""
    assert Inbox(NoOptions(), Settings(data=tmp_path)).send(DELIVERY) == f"inbox/panel-busy/{NOTICE.id}"
