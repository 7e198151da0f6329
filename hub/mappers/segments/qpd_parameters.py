"""QPD, QAK, RCP and QRI → Parameters: what a query asks, how it was answered, how many answers are wanted and how well
each matches (HL7 v2.9, chapter 5.5; FHIR R4, Parameters). So do QRD, QRF and the like, with which older senders ask."""

from collections.abc import Callable
from typing import TypeAlias

from hub.fhir.build import compact
from hub.fhir.codes import untranslated
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cq_quantity import cq_quantity
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.dtm_datetime import dtm_datetime
from hub.mappers.datatypes.xad_address import xad_address
from hub.mappers.datatypes.xpn_humanname import xpn_humanname
from hub.mappers.datatypes.xtn_contactpoint import xtn_contactpoint
from hub.mappers.dispatch import segment
from hub.model import Json

Value: TypeAlias = Callable[[Repetition, Context], Json]


def _coded(cwe: Repetition, ctx: Context) -> Json:
    return {"valueCodeableConcept": found} if (found := cwe_codeableconcept(cwe, ctx)) else {}


def of_table(number: str) -> Value:
    """A code of that HL7 table."""
    table = untranslated(number)

    def value(cwe: Repetition, ctx: Context) -> Json:
        return {"valueCodeableConcept": found} if (found := cwe_codeableconcept(cwe, ctx, table)) else {}

    return value


def _number(cx: Repetition, ctx: Context) -> Json:
    return {"valueIdentifier": found} if (found := cx_identifier(cx, ctx)) else {}


def _name(xpn: Repetition, ctx: Context) -> Json:
    return {"valueHumanName": found} if (found := xpn_humanname(xpn, ctx)) else {}


def day(dtm: Repetition, ctx: Context) -> Json:
    return {"valueDateTime": found} if (found := dtm_datetime(dtm[1], ctx, dtm.path)) else {}


def _quantity(cq: Repetition, ctx: Context) -> Json:
    return {"valueQuantity": found} if (found := cq_quantity(cq, ctx)) else {}


def _address(xad: Repetition, ctx: Context) -> Json:
    return {"valueAddress": found} if (found := xad_address(xad, ctx)) else {}


def _telephone(xtn: Repetition, ctx: Context) -> Json:
    return {"valueContactPoint": found} if (found := xtn_contactpoint(xtn, ctx)) else {}


_HISTORY: dict[int, Value] = {
    3: _number,
    4: _name,
    5: _name,
    6: day,
    7: of_table("0001"),
    8: _address,
    9: _telephone,
    12: day,
}
_QUERIES: dict[str, dict[int, Value]] = {
    **dict.fromkeys(("Z34", "Z44"), _HISTORY),
    **{query: {3: _number, 4: _number} for query in ("Q23", "IHE PIX Query", "QRY_1001")},
    **{query: {8: _number} for query in ("Q22", "IHE PDQ Query", "QRY_PDQ_1001")},
}
"""By the name of the query (QPD-1) the types of its own fields: CDC's queries for immunizations, IHE's for patients and
their numbers."""
_QAK: dict[int, Value] = {2: of_table("0208"), 3: _coded}
_OLD: dict[str, dict[int, Value]] = {
    "QRD": {
        1: day,
        2: of_table("0106"),
        3: of_table("0091"),
        5: of_table("0107"),
        6: day,
        7: _quantity,
        9: of_table("0048"),
        10: _coded,
        12: of_table("0108"),
    },
    "QRF": {2: day, 3: day, 6: of_table("0156"), 7: of_table("0157"), 8: of_table("0158")},
    "URD": {1: day, 2: of_table("0109"), 4: of_table("0048"), 5: _coded, 7: of_table("0108")},
    "URS": {2: day, 3: day, 6: of_table("0156"), 7: of_table("0157"), 8: of_table("0158")},
    "DSC": {2: of_table("0398")},
}
"""The queries of HL7 v2 before 2.4, and what a receiver is shown (URD, URS, DSP) or is to ask for further (DSC)."""


@segment("QPD")
def qpd_parameters(qpd: Segment, ctx: Context) -> Json:
    """QPD-1 name of the query, -2 its tag, then what it asks for."""
    return parameters(qpd, {1: _coded, **_QUERIES.get(qpd[1].text, {})}, ctx)


@segment("QAK")
def qak_parameters(qak: Segment, ctx: Context) -> Json:
    """QAK-1 tag of the query, -2 how it went, -3 its name, -4 to -6 how many hits."""
    return parameters(qak, _QAK, ctx)


@segment("RCP")
def rcp_parameters(rcp: Segment, ctx: Context) -> Json:
    """RCP-1 how soon, -2 how many, -3 by what means, and the rest of what is wanted."""
    return parameters(rcp, {2: _quantity, 3: _coded}, ctx)


@segment("QRI")
def qri_parameters(qri: Segment, ctx: Context) -> Json:
    """QRI-1 how sure the match is, -2 by what reason, -3 by what algorithm: of the patient before it."""
    made = parameters(qri, {2: _coded, 3: _coded}, ctx)
    if ctx.subject:
        made["parameter"] = [*made.get("parameter", ()), {"name": "patient", "valueReference": ctx.subject}]
    return made


@segment("QRD", "QRF", "QID", "URD", "URS", "DSP", "DSC")
def old_parameters(one: Segment, ctx: Context) -> Json:
    """A query, an unsolicited answer or its continuation, field by field."""
    return parameters(one, _OLD.get(one.name, {}), ctx)


def parameters(segment: Segment, values: dict[int, Value], ctx: Context) -> Json:
    found = [
        parameter
        for field in segment
        for repetition in field
        if (parameter := _parameter(f"{segment.name}-{field.number}", repetition, values.get(field.number), ctx))
    ]
    return ctx.add({"resourceType": "Parameters", "parameter": found}, ctx.raw.id, str(segment.line))


def _parameter(name: str, repetition: Repetition, value: Value | None, ctx: Context) -> Json:
    """One repetition by its data type; a QIP (``@PID.5.1^SMITH``) by the field that it names, else its components."""
    if value and (said := value(repetition, ctx)):
        return {"name": name, **said}
    if repetition[1].startswith("@"):
        return compact({"name": repetition[1], "valueString": repetition[2].strip() or "not stated"})
    parts = [
        {"name": f"{name}.{number}", "valueString": text}
        for number in range(1, len(repetition) + 1)
        if (text := repetition.whole(number).strip())
    ]
    if len(parts) == 1:
        return {"name": name, "valueString": parts[0]["valueString"]}
    return {"name": name, "part": parts} if parts else {}
