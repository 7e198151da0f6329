"""EI (entity identifier) → Identifier (HL7 v2.9, chapter 2A.3.28)."""

from hub.formats.hl7v2.segment import Repetition
from hub.mappers.datatypes.cx_identifier import typed
from hub.mappers.datatypes.hd_uri import assigned, universal_identifier
from hub.mappers.notes import Notes
from hub.model import Json


def ei_identifier(ei: Repetition, ctx: Notes, kind: str = "") -> Json:
    """EI.1 value, .2–.4 system and assigner; ``kind`` is its type in table 0203 (``PLAC``, ``FILL``).

    A universal id without a value says what the thing is all the same.
    """
    return _identifier((ei[1], ei[2], ei[3], ei[4]), ctx, kind) if ei.raw else {}


def eip_identifier(eip: Repetition, component: int, ctx: Notes, kind: str = "") -> Json:
    """One of the two EI of an EIP: ``component`` 1 is the placer's, 2 the filler's."""
    value, namespace, universal, universal_type, *_ = [*eip.subcomponents(component), "", "", "", ""]
    return _identifier((value, namespace, universal, universal_type), ctx, kind)


def _identifier(parts: tuple[str, str, str, str], ctx: Notes, kind: str) -> Json:
    value, namespace, universal, universal_type = parts
    if value:
        identifier = {"value": value, **assigned(namespace, universal, universal_type, ctx)}
    elif universal.strip():
        identifier = universal_identifier(universal, universal_type)
    else:
        return {}
    return typed(identifier, kind) if kind else identifier
