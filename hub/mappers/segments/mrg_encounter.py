"""MRG-5 and -6 → former numbers of an Encounter (HL7 v2.9, chapter 3.4.7)."""

from hub.fhir.build import coding, complete
from hub.fhir.ids import identifier_key
from hub.fhir.systems import V3
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cx_identifier import cx_identifier, typed
from hub.model import Json


def mrg_visit(mrg: Segment, encounter: Json | None, ctx: Context) -> None:
    """Says under which numbers the visit was known before."""
    if encounter is None:
        return
    known = [{**one, "use": "old"} for one in encounter.get("identifier", ())]
    former = [{**one, "use": "old"} for one in _numbers(mrg, ctx)]
    if new := [one for one in former if one not in known]:
        complete(encounter, {"identifier": new})


def mrg_encounter(mrg: Segment, ctx: Context) -> Json | None:
    """Adds the visit that only MRG-5 names: nothing is known of it but whose it is now."""
    numbers = _numbers(mrg, ctx)
    if not numbers:
        return None
    return ctx.add(
        {
            "resourceType": "Encounter",
            "identifier": numbers,
            "status": "unknown",
            "class": coding(V3 + "NullFlavor", "UNK", "unknown"),
            "subject": ctx.subject,
        },
        identifier_key(numbers[0], ctx.feed.name),
    )


def _numbers(mrg: Segment, ctx: Context) -> list[Json]:
    visit = [typed(one, "VN", "visit number") for one in each(mrg[5], cx_identifier, ctx)]
    return [*visit, *each(mrg[6], cx_identifier, ctx)]
