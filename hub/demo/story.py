"""The story that the demo tells: one patient, three practices, a hospital, a laboratory, a fax line.

Everybody in it is invented. The chapters follow the calendar of early 2026 in New York, whose daylight saving time
began on 8 March.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import TypeAlias

_STORY = files("hub.demo") / "story"
UPDATES = 14


@dataclass(frozen=True, slots=True)
class Send:
    """HL7 v2 messages over MLLP, in order."""

    title: str
    messages: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """A file that a system or a fax server leaves in a watched folder (below the data folder)."""

    title: str
    name: str
    content: bytes
    folder: str


@dataclass(frozen=True, slots=True)
class LoadPanel:
    """A practice's list of its patients."""

    title: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Review:
    """The primary care physician reviews what came back on a referral."""

    title: str
    number: str
    by: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """A coordinator confirms the one suggestion for a referral."""

    title: str
    number: str
    by: str


@dataclass(frozen=True, slots=True)
class Replay:
    """Everything that ever came in is converted and routed again."""

    title: str


Step: TypeAlias = Send | Drop | LoadPanel | Review | Confirm | Replay


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    steps: tuple[Step, ...]


def story() -> tuple[Chapter, ...]:
    """All chapters, in the order of the calendar."""
    return (
        Chapter(
            "Before the story: who cares for Harold",
            (
                LoadPanel("Busy Family Medicine sends its panel", "panel-busy.csv", _file("panel-busy.csv")),
                Drop(
                    "Its office system exports two referrals as CSV",
                    "referrals.csv",
                    _file("referrals.csv"),
                    "inbound/referrals",
                ),
            ),
        ),
        Chapter(
            "C, first part: 24 February, a consult note comes by fax",
            (
                Drop(
                    "Love Cardiology faxes its note on REF-2201",
                    "fax-0224.pdf",
                    _file("consult-note.pdf"),
                    "inbound/fax",
                ),
            ),
        ),
        Chapter(
            "A: 2 March, from the emergency department to the ward",
            (
                Send("12:40 registered in the emergency department", (_message("a1-ed-arrival"),)),
                Send(f"{UPDATES} updates in four hours", _updates()),
                Send("17:05 admitted with heart failure", (_message("a3-ed-to-inpatient"),)),
                Review("Dr. Busy reviews the fax: the first loop is closed", "REF-2201", "Dr. Busy"),
            ),
        ),
        Chapter(
            "B: 9 March, discharged, not yet, discharged",
            (
                Send("14:20 discharged home", (_message("b1-discharge"),)),
                Send("14:50 the discharge is cancelled", (_message("b2-cancel-discharge"),)),
                Send("16:05 discharged home", (_message("b3-discharge-again"),)),
                Send("18:30 the discharge summary, with three new drugs", (_message("b4-discharge-summary"),)),
            ),
        ),
        Chapter(
            "D, first part: 9 to 11 March, a new referral",
            (
                Send("9 March: REF-2207 to Dr. Love, due 23 March", (_message("d1-referral"),)),
                Send("10 March: accepted", (_message("d2-accepted"),)),
                Send("11 March: visit booked for 17 March", (_message("d3-scheduled"),)),
            ),
        ),
        Chapter(
            "C, second part: 12 March, a result and its correction",
            (
                Send("12:25 potassium 6.1, critical", (_message("c2-potassium-critical"),)),
                Send("13:10 corrected to 5.1", (_message("c3-potassium-corrected"),)),
            ),
        ),
        Chapter(
            "D, second part: 17 to 21 March, until the loop is closed",
            (
                Send("17 March: no-show, known by the appointment's number only", (_message("d4-no-show"),)),
                Send("18 March: booked again for 20 March", (_message("d5-scheduled-again"),)),
                Send("20 March: a note that names no referral", (_message("d6-note-without-number"),)),
                Confirm("A coordinator confirms the suggestion", "REF-2207", "coordinator"),
                Review("21 March: Dr. Busy reviews the note", "REF-2207", "Dr. Busy"),
            ),
        ),
        Chapter("22 March: everything is replayed", (Replay("All messages again, from the first one"),)),
    )


def _file(name: str) -> bytes:
    return (_STORY / name).read_bytes()


def _message(name: str) -> bytes:
    return _file(f"{name}.hl7").replace(b"\n", b"\r")


def _updates() -> tuple[bytes, ...]:
    """The updates that a hospital sends while nothing changes that a practice would act on."""
    template = _message("a2-update").decode("ascii")
    start = datetime(2026, 3, 2, 12, 55)  # noqa: DTZ001 - the template carries the offset
    times = [start + timedelta(minutes=17 * n) for n in range(UPDATES)]
    return tuple(
        template.format(time=f"{time:%Y%m%d%H%M%S}", number=f"{n:02}", room=10 + n % 3).encode("ascii")
        for n, time in enumerate(times, 1)
    )
