"""SFT → Device: the software that made the message (HL7 v2.9, chapter 2.14.12)."""

from hub.fhir.build import compact, extension, present
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.datatypes.xon_organization import xon_reference
from hub.mappers.dispatch import segment
from hub.model import Json

_INSTALLED = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Device.version.installDate"
RELEASE = "release"
"""Device.version.type of SFT-2."""


@segment("SFT")
def sft_device(sft: Segment, ctx: Context) -> Json:
    """Adds the Device: SFT-1 vendor, -2 release and -4 binary as versions, -3 product, -5 about it, -6 installed."""
    vendor, product, release = xon_reference(sft[1], ctx), sft[3].first.text, sft[2].first.text
    installed = [found] if (found := extension(_INSTALLED, "DateTime", field_datetime(sft[6], ctx))) else None
    binary = sft[4].first.text
    versions = [
        compact({"extension": installed, "type": {"text": RELEASE}, "value": release}) if release else None,
        {"type": {"text": "binary"}, "value": binary} if binary else None,
    ]
    return ctx.add(
        {
            "resourceType": "Device",
            "manufacturer": vendor.get("display"),
            "deviceName": [{"name": product, "type": "model-name"}] if product else None,
            "version": present(versions),
            "owner": vendor,
            "note": [{"text": words.text} for words in sft[5]],
        },
        ctx.raw.sender,
        vendor.get("display", ""),
        product,
        release,
        binary,
    )
