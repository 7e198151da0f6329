"""The envelope → MSH, EVN and MSA."""

from hub.formats.hl7v2.build import Fields
from hub.mappers.outbound.datatypes import dtm
from hub.mappers.outbound.resources import Envelope, Resources

Built = tuple[str, Fields]
"""A segment: its name and its fields by number."""

_STRUCTURES = {
    **dict.fromkeys(("A04", "A08", "A13"), "ADT_A01"),
    **dict.fromkeys(("A05", "A14", "A28", "A31"), "ADT_A05"),
    **dict.fromkeys(("A11", "A12"), "ADT_A09"),
    **{f"S{number}": "SIU_S12" for number in range(12, 27)},
    **dict.fromkeys(("T04", "T06", "T08", "T10"), "MDM_T02"),
    **dict.fromkeys(("T03", "T05", "T07", "T09", "T11"), "MDM_T01"),
}
"""MSH-9.3 where the structure is named after another event."""


def header_msh(kind: str, envelope: Envelope) -> Built:
    """The MSH of a message of that kind (``SIU^S12``)."""
    name, _, event = kind.partition("^")
    structure = _STRUCTURES.get(event, f"{name}_{event}")
    if name in ("REF", "RRI"):
        structure = f"{name}_I12"
    return "MSH", {
        3: envelope.application,
        4: envelope.facility,
        5: envelope.receiving_application,
        6: envelope.receiving_facility,
        7: dtm(envelope.created),
        9: (name, event, structure),
        10: envelope.control_id,
        11: envelope.processing,
        12: envelope.version,
        18: "UNICODE UTF-8",
    }


def header_evn(kind: str, resources: Resources, envelope: Envelope) -> Built:
    """The EVN: when it happened, as the bundle's Provenance of the message says, else when the message was made."""
    of_message = [p for p in resources.of("Provenance") if "activity" not in p]
    occurred = next((p["occurredDateTime"] for p in of_message if "occurredDateTime" in p), envelope.created)
    return "EVN", {1: kind.partition("^")[2], 2: dtm(occurred)}


def header_msa(resources: Resources) -> list[Built]:
    """The MSA of an answer, where the bundle says what it answers."""
    answered = resources.first("MessageHeader").get("response", {}).get("identifier", "")
    return [("MSA", {1: "AA", 2: answered})] if answered else []
