"""MRG → the Patient that is given up in favour of another (HL7 v2.9, chapter 3.4.7)."""

from hub.errors import Held
from hub.fhir.build import complete
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.xpn_humanname import xpn_humanname
from hub.model import Json


def mrg_patient(mrg: Segment, survivor: Json, ctx: Context) -> Json:
    """Adds the retired Patient (MRG-1, -4, -7), inactive, and links both. Raises ``Held`` without MRG-1."""
    identifiers = [*each(mrg[1], cx_identifier, ctx), *each(mrg[4], cx_identifier, ctx)]
    if not identifiers:
        raise Held("no identifier of the patient to be merged", code="101", path=mrg.path(1))
    if _shared(identifiers, survivor):
        raise Held("the patient is to be merged with itself", code="merge-with-itself", path=mrg.path(1))
    retired = ctx.add(
        {
            "resourceType": "Patient",
            "identifier": identifiers,
            "active": False,
            "name": each(mrg[7], xpn_humanname, ctx),
            "link": [{"other": ctx.reference(survivor), "type": "replaced-by"}],
        },
        identifier_key(identifiers[0], ctx.feed.name),
    )
    complete(survivor, {"link": [{"other": ctx.reference(retired), "type": "replaces"}]})
    return retired


def mrg_old_identifiers(mrg: Segment, patient: Json, ctx: Context) -> None:
    """The identifiers of MRG-1 as former ones of the same Patient (A47: the identifier list changes)."""
    complete(patient, {"identifier": [{"use": "old", **one} for one in each(mrg[1], cx_identifier, ctx)]})


def _shared(identifiers: list[Json], survivor: Json) -> bool:
    """Whether both name the same number of the same authority."""
    known = [(one.get("system"), one.get("assigner"), one["value"]) for one in survivor["identifier"]]
    return any((one.get("system"), one.get("assigner"), one["value"]) in known for one in identifiers)
