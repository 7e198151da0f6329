"""ARV → security labels of the Patient or the Encounter (HL7 v2.9, chapter 3.4.14)."""

from hub.fhir.build import compact, present, token
from hub.fhir.codes import Table
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_coding
from hub.mappers.datatypes.dtm_datetime import dr_period
from hub.mappers.datatypes.ei_identifier import ei_identifier
from hub.mappers.dispatch import segment
from hub.mappers.facts import Fact
from hub.mappers.notes import Notes
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.mappers.situation import situation
from hub.model import Json

_LABELS = ((3, Table("0717")), (4, Table("0719")), (7, Table("0952")), (8, Table("0953")))
"""Value, reason, classification and handling instructions."""
_ENDED = {"D", "DE"}


def _within(dr: Repetition, ctx: Notes) -> Json:
    found = dr_period(dr, ctx)
    return {"valuePeriod": found} if found else {}


_FACTS = (Fact(6, "Access restricted", _within),)


@segment("ARV")
def arv_security(arv: Segment, ctx: Context) -> Json | None:
    """Labels what the restriction is about: after PV1 the visit, else the patient. One that is taken away (ARV-2
    ``D``) labels nothing."""
    visit = ctx.encounter if 0 < ctx.visit_line < arv.line else None
    about = visit or ctx.patient
    if about is None:
        zzz_basic(arv, ctx)
        return None
    if arv[2].text in _ENDED:
        return about
    labels = present(cwe_coding(cwe, ctx, table) for field, table in _LABELS for cwe in arv[field])
    labels += [{"display": words.text} for words in arv[5]]
    meta = about.get("meta", {})
    known = meta.get("security", [])
    tags = [*meta.get("tag", ()), *_instance(arv, ctx)]
    security = [*known, *(label for label in labels if label not in known)]
    about["meta"] = compact({**meta, "security": security, "tag": tags})
    situation(arv, _FACTS, f"Access restriction {arv.number}", about, ctx)
    return about


def _instance(arv: Segment, ctx: Context) -> list[Json]:
    """The number of the restriction (ARV-10) as a tag."""
    number = ei_identifier(arv[10].first, ctx)
    return [compact({"system": number.get("system"), "code": token(number["value"])})] if number else []
