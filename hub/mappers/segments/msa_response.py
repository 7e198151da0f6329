"""MSA → MessageHeader.response: what the message answers, and how (HL7 v2.9, chapter 2.14.8)."""

import re

from hub.fhir.build import coding, extension, present, token
from hub.fhir.codes import DATA_ABSENT
from hub.fhir.systems import EXTENSION, V2
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.segments.err_operationoutcome import answer_outcome
from hub.model import Json

_OUTCOMES = {
    **dict.fromkeys(("AA", "CA"), "ok"),
    **dict.fromkeys(("AE", "CE"), "transient-error"),
    **dict.fromkeys(("AR", "CR"), "fatal-error"),
}
"""Table 0008 to MessageHeader.response.code."""
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9.-]")
_LONGEST = 64


def msa_tags(msa: Segment | None) -> list[Json]:
    """The acknowledgment code (MSA-1, table 0008)."""
    code = token(msa[1].text) if msa else ""
    return [coding(V2 + "0008", code)] if code else []


def msa_response(msa: Segment | None, ctx: Context) -> Json:
    """The member ``response``: MSA-1 as code, -2 as identifier; its details are the OperationOutcome of the other
    fields and of ERR. Adds that outcome, also where there is no response."""
    errors = ctx.all("ERR")
    outcome = answer_outcome(msa, errors, ctx) if msa or errors else None
    code = _OUTCOMES.get(msa[1].text.upper()) if msa else None
    if msa is None or code is None:
        return {}
    details = {"details": ctx.reference(outcome)} if outcome else {}
    return {"response": {**_identifier(msa[2].text), "code": code, **details}}


def _identifier(answered: str) -> Json:
    """MSA-2 as an id of FHIR; what is none is written as one, with the sender's own beside it."""
    if not answered:
        return {"_identifier": {"extension": [extension(DATA_ABSENT, "Code", "unknown")]}}
    known = _NOT_OF_AN_ID.sub("-", answered)[:_LONGEST]
    if known == answered:
        return {"identifier": answered}
    original = present([extension(EXTENSION + "originalText", "String", answered)])
    return {"identifier": known, "_identifier": {"extension": original}}
