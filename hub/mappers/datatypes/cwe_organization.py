"""CWE → Organization: a manufacturer (MVX), a dispensing pharmacy (HL7 v2.9, chapter 2A.3.13; v2-to-FHIR guide,
``CWE[Organization]``)."""

from hub.fhir.build import compact
from hub.formats.hl7v2.segment import Repetition
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.xon_organization import named_organization
from hub.model import Json


def cwe_organization(cwe: Repetition, ctx: Context) -> Json | None:
    """Adds the Organization: its codes are its identifiers, its words the name, a second name an alias."""
    said = cwe_codeableconcept(cwe, ctx)
    codings = [one for one in said.get("coding", ()) if "code" in one]
    identifiers = [compact({"system": one.get("system"), "value": one["code"]}) for one in codings]
    name = said.get("text") or next((one["code"] for one in codings), "")
    known = named_organization(name, identifiers[0] if identifiers else {}, ctx)
    if not known:
        return None
    aliases = [one["display"] for one in codings if one.get("display", name) != name]
    return ctx.keep(compact({**known, "identifier": identifiers, "alias": aliases}))
