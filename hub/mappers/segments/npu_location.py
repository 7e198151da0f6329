"""NPU → Location: the status of a bed (HL7 v2.9, chapter 3.4.8; ADT^A20)."""

from hub.fhir.build import complete
from hub.fhir.codes import Table
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_coding
from hub.mappers.datatypes.pl_location import pl_location
from hub.mappers.dispatch import segment
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_BED_STATUS = Table("0116")


@segment("NPU")
def npu_location(npu: Segment, ctx: Context) -> Json | None:
    """Adds the bed with its operational status; the message is about it."""
    place = pl_location(npu[1].first, ctx)
    if place is None:
        zzz_basic(npu, ctx)
        return None
    if status := cwe_coding(npu[2], ctx, _BED_STATUS):
        complete(place, {"operationalStatus": status})
    ctx.focus.append(place)
    return place
