"""What a message must say that a row leaves to the reader: the event, types of numbers and values, the header."""

import re

from hub.formats.rows import RowKind
from hub.mappers.rows.draft import Draft
from hub.mappers.rows.row import Row
from hub.model import RawMessage

STAYS = {
    "admit": "A01",
    "register": "A04",
    "update": "A08",
    "transfer": "A02",
    "discharge": "A03",
    "to-inpatient": "A06",
    "to-outpatient": "A07",
    "cancel-admit": "A11",
    "cancel-transfer": "A12",
    "cancel-discharge": "A13",
}
APPOINTMENTS = {
    "booked": "S12",
    "rescheduled": "S13",
    "modified": "S14",
    "cancelled": "S15",
    "discontinued": "S16",
    "deleted": "S17",
    "no-show": "S26",
}
_BY_STATUS = {"cancelled": "S15", "canceled": "S15", "noshow": "S26", "no-show": "S26", "deleted": "S17"}
_TRIGGER = re.compile(r"[AS]\d\d")
_LOINC = re.compile(r"\d{1,5}-\d")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_NPI = re.compile(r"\d{10}")
_CLINICIANS = ("PD1-4", "PV1-7", "OBR-16", "AIP-3")
"""Fields that name a clinician (XCN)."""


def complete(draft: Draft, rows: list[Row], kind: RowKind, raw: RawMessage) -> None:
    """Writes into the draft what its type of message cannot do without. Raises ``Unreadable``."""
    {"ADT": _stay, "ORU": _results, "SIU": _appointment}[kind.message](draft, rows)
    _patient(draft)
    for place in _CLINICIANS:
        if _NPI.fullmatch(draft.get(f"{place}.1")):
            for component, text in ((9, "NPI"), (10, "L"), (13, "NPI")):
                draft.put(f"{place}.{component}", text)
    header = {
        "MSH-3": rows[0].feed.name,
        "MSH-4": rows[0]["facility"],
        "MSH-7": raw.received_at.strftime("%Y%m%d%H%M%S%z"),
        "MSH-9.1": kind.message,
        "MSH-10": raw.control_id,
        "MSH-11": "P",
        "MSH-12": "2.5.1",
    }
    for place, text in header.items():
        draft.put(place, text)


def _patient(draft: Draft) -> None:
    """Types of the numbers of the patient and the visit, and of the ways to reach him."""
    _authorities(draft)
    draft.put("PID-3.5", "MR")
    if draft.get("PV1-19"):
        draft.put("PV1-19.5", "VN")
    if draft.get("PID-13"):
        draft.put("PID-13.2", "PRN")
        draft.put("PID-13.3", "PH")
    if draft.get("PID-13[2].4"):
        draft.put("PID-13[2].2", "NET")
        draft.put("PID-13[2].3", "Internet")


def _authorities(draft: Draft) -> None:
    """An authority that is a URI stands in the components for universal ids (HD.2 and .3)."""
    for place in ("PID-3.4", "PV1-19.4"):
        authority = draft.get(place)
        if ":" in authority:
            oid = authority.removeprefix("urn:oid:")
            draft.erase(place)
            draft.put(f"{place}.2", oid)
            draft.put(f"{place}.3", "ISO" if oid != authority else "URI")


def _event(row: Row, words: dict[str, str]) -> str:
    """The trigger event that the row names by a word or by its code. Raises ``Unreadable``."""
    if not row["event"]:
        return ""
    if _TRIGGER.fullmatch(code := row.meant("event").upper()):
        return code
    return words[row.one_of("event", list(words))]


def _stay(draft: Draft, rows: list[Row]) -> None:
    """Without an event the times say it: a discharge, an emergency visit, an admission."""
    row = rows[0]
    trigger = _event(row, STAYS)
    if not trigger:
        emergency = row.meant("class").upper() == "E"
        trigger = "A03" if row["discharge_time"] else "A04" if emergency else "A01"
    time = "discharge_time" if trigger == "A03" else "admit_time"
    draft.put("MSH-9.2", trigger)
    draft.put("MSH-9.3", "ADT_" + trigger)
    draft.put("EVN-1", trigger)
    draft.put("EVN-2", row.dtm("event_time") or row.dtm(time))
    draft.put("PV1-1", "1")
    if draft.get("DG1-3.1") or draft.get("DG1-3.2"):
        draft.put("DG1-1", "1")
        draft.put("DG1-3.3", "I10" if draft.get("DG1-3.1") else "")
        draft.put("DG1-6", "W")


def _results(draft: Draft, rows: list[Row]) -> None:
    draft.put("MSH-9.2", "R01")
    draft.put("MSH-9.3", "ORU_R01")
    draft.put("OBR-1", "1")
    statuses = []
    for number, row in enumerate(rows, 1):
        value = row["value"]
        draft.put("OBX-1", str(number), number)
        draft.put("OBX-2", "NM" if _NUMBER.fullmatch(value) else "ST", number)
        if _LOINC.fullmatch(row["test_code"]):
            draft.put("OBX-3.3", "LN", number)
        draft.put("OBX-11", "F", number)
        statuses.append(row.meant("status") or "F")
    draft.put("OBR-25", _whole(statuses))
    if not draft.has("OBR-4"):  # nothing was said of what was ordered: it is what was measured first
        for component in (1, 2, 3):
            draft.put(f"OBR-4.{component}", draft.get(f"OBX-3.{component}"))
    if _LOINC.fullmatch(draft.get("OBR-4.1")):
        draft.put("OBR-4.3", "LN")


def _whole(statuses: list[str]) -> str:
    """The status of a report by those of its values: preliminary while one is, corrected when one is."""
    return next((status for status in ("P", "C") if status in statuses), statuses[0])


def _appointment(draft: Draft, rows: list[Row]) -> None:
    row = rows[0]
    trigger = _event(row, APPOINTMENTS) or _BY_STATUS.get(row.meant("status").lower(), "S12")
    draft.put("MSH-9.2", trigger)
    draft.put("MSH-9.3", "SIU_S12")
    if row["minutes"]:
        draft.put("SCH-10.1", "min")
    if row["appointment_authority"]:
        draft.put("SCH-1.2", row["appointment_authority"] if row["placer_id"] else "")
    if any(row[name] for name in ("service_code", "service_name", "place", "provider_npi", "provider_last")):
        draft.put("RGS-1", "1")
    for segment, names in (("AIS", ("service_code", "service_name")), ("AIL", ("place",)), ("AIP", ("provider_last",))):
        if any(row[name] for name in names):
            draft.put(f"{segment}-1", "1")
