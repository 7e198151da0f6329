"""DiagnosticReport → ORC, OBR, OBX (HL7 v2.9, chapter 7.3.1)."""

from hub.fhir.order_codes import REPORT_STATUS
from hub.mappers.outbound.datatypes import cwe, dtm, meaning, person
from hub.mappers.outbound.header_msh import Built
from hub.mappers.outbound.observation_obx import observation_obx
from hub.mappers.outbound.resources import Resources
from hub.mappers.outbound.servicerequest_orc import notes, order_numbers, servicerequest_orc, servicerequest_tq1
from hub.model import Json

_STATES = {"final": "F", "preliminary": "P", "corrected": "C", "partial": "A", "registered": "O", "cancelled": "X",
           "amended": "C", "appended": "C"}  # fmt: skip


def diagnosticreport_obr(report: Json, number: int, resources: Resources) -> list[Built]:
    """The order it answers, the report (OBR-4 code, -7/-8 when, -22 issued, -24 section, -25 status), its comments, and
    an OBX for each of its observations."""
    request = next(resources.each(report.get("basedOn"), "ServiceRequest"), {})
    placer, filler = order_numbers({"identifier": [*request.get("identifier", ()), *report.get("identifier", ())]})
    when = report.get("effectivePeriod", {"start": report.get("effectiveDateTime", "")})
    observations = list(resources.each(report.get("result"), "Observation"))
    return [
        ("ORC", {**servicerequest_orc(request, resources)[1], 1: "RE", 2: placer[:1], 3: filler[-1:], 5: ""}),
        (
            "OBR",
            {
                1: str(number),
                2: placer[:1],
                3: filler[-1:],
                4: cwe(report.get("code")),
                7: dtm(when.get("start", "")),
                8: dtm(when.get("end", "")),
                16: person(request.get("requester"), resources),
                22: dtm(report.get("issued", "")),
                24: cwe(next(iter(report.get("category", ())), {}), "0074"),
                25: _STATES.get(report["status"]) or meaning(REPORT_STATUS, report["status"]),
            },
        ),
        *notes(request.get("note"), resources),
        *servicerequest_tq1(request),
        *(segment for at, one in enumerate(observations, 1) for segment in observation_obx(one, at, resources)),
    ]
