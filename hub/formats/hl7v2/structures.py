"""Which message structures an event may have (MSH-9.3, HL7 table 0354): several events share one.

Only the types are here whose events share structures; what a sender writes of another type is not judged. Where
versions differ each of theirs is right.
"""

_EVENTS = {
    "ADT_A01": "A01 A04 A08 A13",
    "ADT_A02": "A02",
    "ADT_A03": "A03",
    "ADT_A05": "A05 A14 A28 A31",
    "ADT_A06": "A06 A07",
    "ADT_A09": "A09 A10 A11 A12",
    "ADT_A12": "A12",
    "ADT_A15": "A15",
    "ADT_A16": "A16",
    "ADT_A17": "A17",
    "ADT_A18": "A18",
    "ADT_A20": "A20",
    "ADT_A21": "A21 A22 A23 A25 A26 A27 A29 A32 A33",
    "ADT_A24": "A24",
    "ADT_A28": "A28 A31",
    "ADT_A30": "A30 A34 A35 A36 A46 A47 A48 A49",
    "ADT_A37": "A37",
    "ADT_A38": "A38",
    "ADT_A39": "A39 A40 A41 A42",
    "ADT_A43": "A43 A44",
    "ADT_A44": "A44",
    "ADT_A45": "A45",
    "ADT_A50": "A50 A51",
    "ADT_A52": "A52 A53",
    "ADT_A54": "A54 A55",
    "ADT_A60": "A60",
    "ADT_A61": "A61 A62",
    "MDM_T01": "T01 T03 T05 T07 T09 T11",
    "MDM_T02": "T02 T04 T06 T08 T10",
    "ORU_R01": "R01",
    "ORU_R30": "R30 R31 R32",
    "REF_I12": "I12 I13 I14 I15",
    "RRI_I12": "I12 I13 I14 I15",
    "SIU_S12": "S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S23 S24 S26",
}
_RIGHT: dict[tuple[str, str], set[str]] = {}
for _structure, _events in _EVENTS.items():
    for _event in _events.split():
        _RIGHT.setdefault((_structure[:3], _event), set()).add(_structure)


def is_wrong(kind: str, trigger: str, structure: str) -> bool:
    """Whether a structure was sent (``ADT_A08``) that the event of MSH-9.1 and 9.2 (``ADT``, ``A08``) does not have."""
    return bool(structure) and structure not in _RIGHT.get((kind, trigger), {structure})
