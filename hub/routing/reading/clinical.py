"""Encounters, reports and documents of a bundle as statements."""

import base64
import binascii

from hub.fhir.labels import PART_2, labels, restricted, visit_withheld
from hub.fhir.systems import CONFIDENCE, TREATMENT_CHANGE
from hub.model import Json
from hub.routing.reading.bundle import Resources, coded
from hub.routing.reading.values import measured
from hub.routing.statements import (
    Coded,
    DocumentStatement,
    EncounterStatement,
    Party,
    ResultStatement,
    Source,
    Value,
)


def encounter_statement(resources: Resources, encounter: Json, trigger: str, source: Source) -> EncounterStatement:
    """What a message with that trigger says of one visit."""
    period, stay = encounter.get("period", {}), encounter.get("hospitalization", {})
    known = [i for i in encounter.get("identifier", ()) if "value" in i]
    numbers = [i["value"] for i in known if coded(i.get("type")).code == "VN"]
    unit, site = _place(resources, encounter)
    return EncounterStatement(
        source=source,
        subject=encounter["id"],
        trigger=trigger,
        visit_number=numbers[0] if numbers else "",
        cls=_class(encounter),
        admitted_at=period.get("start", ""),
        discharged_at=period.get("end", ""),
        facility=resources.party([encounter.get("serviceProvider", {})]).organization,
        site=site,
        unit=unit,
        disposition=coded(stay.get("dischargeDisposition")).code,
        admit_source=coded(stay.get("admitSource")).code,
        reason=coded(next(iter(encounter.get("reasonCode", ())), None)),
        diagnoses=_diagnoses(resources, encounter),
        attending=_attending(resources, encounter),
        deceased=_deceased(resources.patient),
        withheld=visit_withheld(encounter),
        masked=_masked(resources, encounter),
        labels=tuple(sorted(labels(encounter) & {PART_2})),
        pcps=resources.named_pcps,
    )


def _masked(resources: Resources, encounter: Json) -> tuple[str, ...]:
    """What a label R keeps back: of the visit, the patient or the message everything clinical, of a diagnosis that."""
    header = next(iter(resources.of("MessageHeader")), {})
    if any(map(restricted, (header, resources.patient, encounter))):
        return ("diagnosis", "reason")
    return ("diagnosis",) if any(map(restricted, resources.about_patient("Condition"))) else ()


def _class(encounter: Json) -> str:
    code: str = encounter.get("class", {}).get("code", "")
    return "" if code in ("UNK", "U") else code


def _place(resources: Resources, encounter: Json) -> tuple[str, str]:
    """Where the patient is: the ward in words, and the facility at the outer end of the chain of places."""
    present = next((p for p in encounter.get("location", ()) if p.get("status") in ("active", None)), None)
    if present is None:
        return "", ""
    place = resources.at(present["location"])
    words = present["location"].get("display") or (place or {}).get("name", "")
    while place is not None and coded(place.get("physicalType")).code != "si":
        place = resources.at(place.get("partOf"))
    return words, (place or {}).get("name", "")


def _diagnoses(resources: Resources, encounter: Json) -> tuple[Coded, ...]:
    conditions = (resources.at(d.get("condition")) for d in encounter.get("diagnosis", ()))
    return tuple(coded(c.get("code")) for c in conditions if c)


def _attending(resources: Resources, encounter: Json) -> Party:
    for participant in encounter.get("participant", ()):
        if any(coded(kind).code == "ATND" for kind in participant.get("type", ())):
            return resources.party([participant.get("individual", {})])
    return Party()


def _deceased(patient: Json) -> bool:
    return bool(patient.get("deceasedDateTime") or patient.get("deceasedBoolean"))


def result_statement(resources: Resources, report: Json, source: Source) -> ResultStatement:
    """What a message says of one report."""
    observations = (resources.at(result) for result in report.get("result", ()))
    return ResultStatement(
        source=source,
        subject=report["id"],
        code=coded(report.get("code")),
        status=report.get("status", ""),
        values=tuple(_value(o) for o in observations if o),
        performer=resources.party(report.get("performer", ())),
        order_keys=resources.named(report.get("basedOn", ())),
    )


def _value(observation: Json) -> Value:
    interpretation = next(iter(observation.get("interpretation", ())), None)
    words, unit = measured(observation)
    return Value(
        key=observation["id"],
        code=coded(observation.get("code")),
        value=words,
        unit=unit,
        flag=coded(interpretation).code,
        status=observation.get("status", ""),
    )


def document_statement(resources: Resources, document: Json, source: Source) -> DocumentStatement:
    """What a message says of one document."""
    context = document.get("context", {})
    extensions = document.get("extension", ())
    visit = next((found["id"] for r in context.get("encounter", ()) if (found := resources.at(r))), "")
    return DocumentStatement(
        source=source,
        subject=document["id"],
        type=coded(document.get("type")),
        title=document.get("description", ""),
        text=_text(document),
        author=resources.party(document.get("author", ())),
        dated=document.get("date", ""),
        final=document.get("docStatus", "final") in ("final", "amended"),
        retracted="entered-in-error" in (document.get("status"), document.get("docStatus")),
        changes=tuple(e["valueString"] for e in extensions if e["url"] == TREATMENT_CHANGE),
        referral_keys=resources.named(context.get("related", ())),
        encounter=visit,
        confidence=next((float(e["valueDecimal"]) for e in extensions if e["url"] == CONFIDENCE), 1.0),
    )


def _text(document: Json) -> str:
    """The contents that are text, plain text if there is any: other forms of it say the same."""
    attachments = [content.get("attachment", {}) for content in document.get("content", ())]
    for kind in ("text/plain", "text/"):
        if texts := [_decoded(a["data"]) for a in attachments if "data" in a and _is(a, kind)]:
            return "\n".join(texts)
    return ""


def _is(attachment: Json, kind: str) -> bool:
    return str(attachment.get("contentType", "")).startswith(kind)


def _decoded(data: str) -> str:
    """The text of an attachment; one that is not base64 has none."""
    try:
        return base64.b64decode(data, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        return ""
