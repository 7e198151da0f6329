"""Encounter → PV1 and ROL (HL7 v2.9, chapters 3.4.3 and 12.3.3)."""

from hub.fhir.codes import PATIENT_CLASS, PROVIDER_ROLE
from hub.mappers.outbound.datatypes import code_of, cwe, cx, dtm, identified, meaning, people, person, pl
from hub.mappers.outbound.header_msh import Built
from hub.mappers.outbound.resources import Resources
from hub.model import Json

_PARTICIPANTS = {7: "ATND", 8: "REF", 9: "CON", 17: "ADM", 52: "PART"}
_TYPES = {4: "0007", 18: "0018"}


def encounter_pv1(encounter: Json, resources: Resources) -> list[Built]:
    """PV1-2 class, -3 place, -4/-18 types, -7/-8/-9/-17/-52 persons, -10 service, -14/-36 from where and to where,
    -19 visit number, -44/-45 from when to when, -50 further numbers; nothing without an encounter."""
    if not encounter:
        return []
    stay, times = encounter.get("hospitalization", {}), encounter.get("period", {})
    here: Json = next(
        (place for place in encounter.get("location", ()) if place.get("status") in ("active", "planned")), {}
    )
    numbers = identified(encounter, "VN") or encounter.get("identifier", [])[:1]
    kinds = {number: _of_table(encounter.get("type", []), table) for number, table in _TYPES.items()}
    persons = {number: people(_in_role(encounter, role), resources) for number, role in _PARTICIPANTS.items()}
    return [
        (
            "PV1",
            {
                1: "1",
                2: _class(encounter),
                3: pl(resources.at(here.get("location")), resources),
                **{number: cwe(kind, _TYPES[number]) for number, kind in kinds.items()},
                **persons,
                10: cwe(encounter.get("serviceType"), "0069"),
                14: cwe(stay.get("admitSource"), "0023"),
                19: cx(numbers[0]) if numbers else "",
                36: cwe(stay.get("dischargeDisposition"), "0112"),
                44: dtm(times.get("start", "")),
                45: dtm(times.get("end", "")),
                50: [cx(one) for one in encounter.get("identifier", []) if one not in numbers[:1]],
            },
        ),
        *_roles(encounter, resources),
    ]


def _roles(encounter: Json, resources: Resources) -> list[Built]:
    """A ROL for each participant in a role of table 0443, which PV1 has no field for."""
    roles = [
        (kind, participant["individual"])
        for participant in encounter.get("participant", ())
        for kind in participant.get("type", ())
        if "individual" in participant and any(c.get("system") == PROVIDER_ROLE.source for c in kind.get("coding", ()))
    ]
    return [("ROL", {2: "UC", 3: cwe(kind, PROVIDER_ROLE.number), 4: person(who, resources)}) for kind, who in roles]


def _class(encounter: Json) -> str:
    """The code of table 0004: by its meaning in v3-ActCode, else as it stands."""
    code: str = encounter.get("class", {}).get("code", "")
    return meaning(PATIENT_CLASS, code) or ("" if code == "UNK" else code)


def _of_table(kinds: list[Json], table: str) -> Json:
    """The type that has a code of that HL7 table."""
    return next(
        (kind for kind in kinds if any(c.get("system", "").endswith(f"v2-{table}") for c in kind.get("coding", ()))), {}
    )


def _in_role(encounter: Json, role: str) -> list[Json]:
    """The persons of a participation type."""
    return [
        participant["individual"]
        for participant in encounter.get("participant", ())
        if "individual" in participant and any(code_of(kind) == role for kind in participant.get("type", ()))
    ]
