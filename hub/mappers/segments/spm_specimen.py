"""SPM → Specimen (HL7 v2.9, chapter 7.4.3)."""

from hub.fhir.build import compact, period, present
from hub.fhir.codes import Table
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import dtm_datetime, field_datetime
from hub.mappers.datatypes.ei_identifier import ei_identifier, eip_identifier
from hub.mappers.datatypes.nm_decimal import nm_decimal
from hub.model import Json

_TYPE, _METHOD, _CONDITION = Table("0487"), Table("0488"), Table("0493")
_AVAILABLE = {"Y": "available", "N": "unavailable"}


def spm_specimen(spm: Segment, ctx: Context) -> Json:
    """Adds the Specimen: SPM-2 placer's and filler's numbers, -4 type, -7 method, -8 site, -17 when it was taken."""
    identifiers = present(
        [
            eip_identifier(spm[2].first, 1, ctx, "PGN"),
            eip_identifier(spm[2].first, 2, ctx, "FGN"),
        ]
    )
    collection = compact(
        {
            **_collected(spm, ctx),
            "quantity": _amount(spm),
            "method": cwe_codeableconcept(spm[7], ctx, _METHOD),
            "bodySite": cwe_codeableconcept(spm[8], ctx),
        }
    )
    return ctx.add(
        {
            "resourceType": "Specimen",
            "identifier": identifiers,
            "accessionIdentifier": ei_identifier(spm[30].first, ctx, "ACSN"),
            "status": _AVAILABLE.get(spm[20].text, ""),
            "type": cwe_codeableconcept(spm[4], ctx, _TYPE),
            "subject": ctx.subject,
            "receivedTime": field_datetime(spm[18], ctx),
            "collection": collection,
            "condition": present(cwe_codeableconcept(cwe, ctx, _CONDITION) for cwe in spm[24]),
            "note": [{"text": text.text} for text in spm[14]],
        },
        identifier_key(identifiers[-1], ctx.feed.name) if identifiers else f"{ctx.raw.id}|{spm.number}",
    )


def _collected(spm: Segment, ctx: Context) -> Json:
    """SPM-17: from, and with a second component to."""
    start, end = (dtm_datetime(spm[17].first[part], ctx, spm.path(17)) for part in (1, 2))
    return {"collectedPeriod": period(start, end)} if end else {"collectedDateTime": start}


def _amount(spm: Segment) -> Json:
    """SPM-12: amount and unit."""
    number = nm_decimal(spm[12].first[1])
    return compact({"value": number, "unit": spm[12].first.sub(2, 1)}) if number is not None else {}
