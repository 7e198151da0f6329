"""ServiceRequest (and Task) → ORC and OBR (HL7 v2.9, chapters 4.5.1 and 7.4.1)."""

from hub.fhir.codes import Table
from hub.fhir.order_codes import ORDER_PRIORITY, ORDER_STATUS
from hub.fhir.systems import EXTENSION, V2
from hub.formats.hl7v2.build import Fields, Repetition
from hub.mappers.outbound.datatypes import cwe, dtm, each, ei, employer, identified, meaning, person, xon
from hub.mappers.outbound.header_msh import Built
from hub.mappers.outbound.resources import Resources
from hub.model import Json

_CONTROL = Table("0119")
_BY_TASK = {
    "requested": ("NW", ""),
    "received": ("NA", ""),
    "accepted": ("OK", ""),
    "rejected": ("UA", ""),
    "in-progress": ("SC", "IP"),
    "on-hold": ("OH", "HD"),
    "cancelled": ("CR", "CA"),
    "completed": ("SC", "CM"),
    "entered-in-error": ("SC", "ER"),
}
"""ORC-1 and ORC-5 by Task.status: how far a referral is (IHE 360X)."""


def order_numbers(resource: Json) -> tuple[list[Repetition], list[Repetition]]:
    """The placer's and the filler's numbers."""
    return each(identified(resource, "PLAC"), ei), each(identified(resource, "FILL"), ei)


def servicerequest_orc(request: Json, resources: Resources) -> Built:
    """ORC-1 control and -5 status, -2/-3 numbers, -4 group, -9 time of the order, -12 who ordered, -16 why, -21 for
    whom."""
    placer, filler = order_numbers(request)
    task = next((t for t in resources.of("Task") if resources.at(t.get("focus")) is request), {})
    control, status, when = _progress(request, task)
    facility = employer(request.get("requester"), resources)
    return "ORC", {
        1: control,
        2: placer,
        3: filler,
        4: ei(request.get("requisition", {})),
        5: status,
        9: dtm(request.get("authoredOn", "") or when),
        12: person(request.get("requester"), resources),
        16: cwe(task.get("statusReason")),
        21: xon(facility) if facility else "",
    }


def servicerequest_obr(request: Json, number: int, resources: Resources) -> Built:
    """OBR-4 what is wanted, -5 how soon, -6/-27 when, -16 by whom, -31 why."""
    placer, filler = order_numbers(request)
    wanted = request.get("occurrencePeriod", {}).get("start") or request.get("occurrenceDateTime", "")
    fields: Fields = {
        1: str(number),
        2: placer[:1],
        3: filler[:1],
        4: cwe(request.get("code")),
        5: meaning(ORDER_PRIORITY, request.get("priority", "")),
        6: dtm(wanted),
        16: person(request.get("requester"), resources),
        31: each(request.get("reasonCode"), cwe),
    }
    return "OBR", fields


def servicerequest_tq1(request: Json) -> list[Built]:
    """The TQ1 of a request with a time in which it is wanted."""
    period, moment = request.get("occurrencePeriod", {}), request.get("occurrenceDateTime", "")
    priority = meaning(ORDER_PRIORITY, request.get("priority", ""))
    if not (period or moment or priority):
        return []
    start, end = (dtm(period.get(name, "")) for name in ("start", "end"))
    return [("TQ1", {1: "1", 7: start or dtm(moment), 8: end, 9: (priority,) if priority else ""})]


def servicerequest_prt(request: Json, resources: Resources) -> list[Built]:
    """A PRT for each performer: who is referred to (table 0912)."""
    return [
        (
            "PRT",
            {
                2: "UC",
                4: ("RT", "Referred to provider", "HL70912"),
                5: person(performer, resources),
                8: xon(employer(performer, resources)),
            },
        )
        for performer in request.get("performer", ())
        if resources.at(performer)
    ]


def notes(annotations: list[Json] | None, resources: Resources) -> list[Built]:
    """An NTE for each Annotation: -3 text, -5 by whom, -6 when."""
    return [
        (
            "NTE",
            {
                1: str(at),
                3: note["text"],
                5: person(note.get("authorReference"), resources),
                6: dtm(note.get("time", "")),
            },
        )
        for at, note in enumerate(annotations or (), 1)
    ]


def _progress(request: Json, task: Json) -> tuple[str, str, str]:
    """The sender's own control (extension ``businessEvent``) with its time, else what the Task means; and the status of
    the order."""
    control, status = _BY_TASK.get(task.get("status", ""), ("NW", ""))
    for extension in request.get("extension", ()):
        if extension["url"] == EXTENSION + "businessEvent":
            parts = {part["url"]: part for part in extension["extension"]}
            codings = parts["value"]["valueCodeableConcept"].get("coding", ())
            sent = [c["code"] for c in codings if c.get("system") == V2 + _CONTROL.number]
            if sent:
                stated = meaning(ORDER_STATUS, request.get("status", "")) if status else ""
                return sent[0], stated, parts.get("date", {}).get("valueDateTime", "")
    return control, status, ""
