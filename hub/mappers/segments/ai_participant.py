"""AIS, AIG, AIL, AIP → Appointment.serviceType and participants (HL7 v2.9, chapters 10.6.4 to 10.6.7)."""

from hub.fhir.build import compact
from hub.fhir.order_codes import REFUSED_STATUS
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_instant
from hub.mappers.datatypes.pl_location import pl_location, place_name
from hub.mappers.datatypes.xcn_practitioner import xcn_reference
from hub.model import Json

_PLACES = {"AIS": (4, 7, 10), "AIG": (8, 11, 14), "AIL": (6, 9, 12), "AIP": (6, 9, 12)}
"""Field numbers of start, duration and filler status code; the unit of the duration follows the duration."""
_TENTATIVE = {"PENDING", "WAITLIST"}


def ai_start(resource: Segment, ctx: Context) -> str:
    """When the resource is wanted, as an instant."""
    number = _PLACES[resource.name][0]
    return field_instant(resource[number], ctx)


def ai_duration(resource: Segment) -> int:
    """For how many minutes."""
    number = _PLACES[resource.name][1]
    unit = resource[number + 1].first[1].upper()
    return duration(resource[number].text) if unit[:1] in {"", "M"} else 0


def duration(text: str) -> int:
    """A length as a number; 0 for what is none, and for one that no appointment has (over six digits)."""
    sent = text.strip()
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 7 else 0


def ai_service(resource: Segment, ctx: Context) -> Json:
    """The service of an AIS (AIS-3)."""
    return cwe_codeableconcept(resource[3], ctx) if resource.name == "AIS" else {}


def ai_participant(resource: Segment, ctx: Context) -> Json:
    """A person (AIP), a place (AIL) or another resource (AIG) that takes part; ``{}`` for a service, which does not."""
    actor = _actor(resource, ctx)
    if not actor:
        return {}
    role = cwe_codeableconcept(resource[4], ctx)
    return compact({"type": [role] if role else None, "actor": actor, "status": _status(resource)})


def _actor(resource: Segment, ctx: Context) -> Json:
    if resource.name == "AIP":
        return xcn_reference(resource[3], ctx)
    if resource.name == "AIL":
        place = pl_location(resource[3], ctx)
        return ctx.reference(place, place_name(resource[3].first)) if place else {}
    return _device(resource, ctx) if resource.name == "AIG" else {}


def _device(aig: Segment, ctx: Context) -> Json:
    """AIG-3 the resource itself, else AIG-4 and -5 its type and group."""
    named = cwe_codeableconcept(aig[3], ctx)
    if not named:
        return {}
    number = aig[3].first[1]
    device = ctx.add(
        {
            "resourceType": "Device",
            "identifier": [{"value": number}] if number else None,
            "deviceName": [{"name": named["text"], "type": "user-friendly-name"}] if "text" in named else None,
            "type": cwe_codeableconcept(aig[5], ctx),
        },
        ctx.feed.name,
        number or named["text"],
    )
    return ctx.reference(device, named.get("text", ""))


def _status(resource: Segment) -> str:
    """Accepted, unless the filler's status or the action (deleted) says otherwise."""
    status = resource[_PLACES[resource.name][2]].first[1].upper()
    if resource[2].text == "D" or status in REFUSED_STATUS:
        return "declined"
    return "tentative" if status in _TENTATIVE else "accepted"
