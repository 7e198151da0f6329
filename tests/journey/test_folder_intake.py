"""From a dropped file to the ledger: HL7 batches, rows and documents end as converted, duplicate or held."""

import asyncio
from io import BytesIO
from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

from hub.model import Format
from hub.services.operations.ledger import ledger
from hub.services.stages import drain
from tests.intake import adt, folder_feed, opened, receiving
from tests.waiting import until_true

REFERRALS = folder_feed(
    "referrals",
    Format.CSV,
    type="referral",
    columns={
        "referral_id": "Referral", "status": "Status", "mrn": "Chart|MRN", "last": "Last name", "first": "First name",
        "dob": "Born", "sex": "Sex", "referring_npi": "From NPI", "referred_to_npi": "To NPI", "reason": "Question",
    },
    constants={"mrn_authority": "BUSY"},
    date_format="%m/%d/%Y",
)  # fmt: skip
HEAD = "Referral,Status,Chart,Last name,First name,Born,Sex,From NPI,To NPI,Question\n"
ROW = "REF-{n},sent,B-{n},Sample,Person {n},09/14/1955,M,1234567893,1111111112,Exertional dyspnea?\n"


def note() -> bytes:
    out = BytesIO()
    canvas = Canvas(out, invariant=True)
    for number, line in enumerate(
        ("Love Cardiology Group", "Consult note", "Patient: ANDREWS, Harold  DOB: 09/14/1955  MRN: 70045")
    ):
        canvas.drawString(72, 720 - 20 * number, line)
    canvas.save()
    return out.getvalue()


def test_dropped_files_have_their_ends(tmp_path: Path) -> None:
    """Good contents are converted, bad rows and unreadable documents are held, files that come again are recorded
    as such, and documents are duplicates."""
    hub = opened(tmp_path, REFERRALS, folder_feed("batch", Format.HL7V2), folder_feed("fax", Format.DOCUMENT))
    rows = HEAD + ROW.format(n=1) + "REF-2,sent\n" + ROW.format(n=3).replace("09/14/1955", "14.9.55") + ROW.format(n=4)

    async def run() -> None:
        async with receiving(hub):
            for again in range(2):
                drop(tmp_path / "batch", "night.hl7", b"BHS|^~\\&\r" + adt("M1") + adt("M2") + b"BTS|2\r")
                await archived(tmp_path, 4 * again + 1)  # the note's patient is known before the note comes
                drop(tmp_path / "referrals", "worklist.csv", rows.encode())
                drop(tmp_path / "fax", "note.pdf", note())
                drop(tmp_path / "fax", "broken.pdf", note()[:300])
                await archived(tmp_path, 4 * again + 4)

    asyncio.run(run())
    drain(hub)
    ends = {r.feed: (r.converted, r.duplicate, r.held, r.waiting, r.balanced) for r in ledger(hub)}
    assert ends == {"batch": (2, 0, 0, 0, True), "fax": (1, 2, 1, 0, True), "referrals": (2, 0, 2, 0, True)}
    assert [path.name for path in (tmp_path / "referrals" / "error").iterdir()] == ["worklist.csv.rows.csv"]
    hub.close()


def drop(folder: Path, name: str, content: bytes) -> None:
    (folder / f"{name}.part").write_bytes(content)
    (folder / f"{name}.part").rename(folder / name)


async def archived(data: Path, files: int) -> None:
    await until_true(lambda: count(data, "archive") >= files)


def count(data: Path, room: str) -> int:
    return len(list(data.glob(f"*/{room}/*")))
