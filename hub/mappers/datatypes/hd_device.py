"""HD → Device: an application by its universal id (HL7 v2-to-FHIR guide, HD[Device])."""

from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.hd_uri import universal_identifier
from hub.mappers.notes import Mentions
from hub.model import Json


def hd_device(hd: Repetition, ctx: Mentions) -> Json | None:
    """Adds the application; one without a universal id (HD.2) has no number to be known by."""
    name, universal, kind = hd.texts(3)
    if not universal:
        return None
    names = [{"name": name, "type": "user-friendly-name"}] if name else None
    device = {"resourceType": "Device", "identifier": [universal_identifier(universal, kind)], "deviceName": names}
    return ctx.add(device, "application", universal)
