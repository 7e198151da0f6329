"""Whom a practice means: matching, cross-references and search among the persons of its panel and its notices."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from hub.errors import Held, NotFound
from hub.identity.decision import Candidate
from hub.identity.demographics import Demographics, read
from hub.identity.directory import Directory
from hub.identity.golden import as_patient, golden
from hub.identity.resolution import SourceRecord, keys_of
from hub.identity.weights import weights
from hub.model import Json
from hub.services.context import Hub
from hub.services.identity import people
from hub.store import merges
from hub.store.engine import reading
from hub.store.schema import notifications, panel

FEED = "match"
"""Whose the numbers of a question are that name no system."""

CERTAIN, PROBABLE, POSSIBLE = "certain", "probable", "possible"


@dataclass(frozen=True, slots=True)
class Match:
    """A Patient who may be meant; ``score`` is the probability, ``grade`` one of HL7's match grades."""

    patient: Json
    score: float
    grade: str


def match(hub: Hub, practice_id: str, asked: Json, *, only_certain: bool, count: int) -> list[Match]:
    """The persons of the practice who may be meant by a Patient, likeliest first. ``certain`` is who a message that
    says the same would be linked to without asking anybody, and one at most."""
    said = read(asked, FEED)
    with reading(hub.main) as connection:
        mine = _persons(connection, practice_id)
        found = _graded(people.directory(connection, [said], keys_of(said)), said)
        kept = [(p, s, g) for p, s, g in found if p in mine and (g == CERTAIN or not only_certain)][:count]
        patients = _patients(connection, {person for person, _, _ in kept})
    return [Match(patients[person], score, grade) for person, score, grade in kept]


def _graded(directory: Directory, said: Demographics) -> list[tuple[str, float, str]]:
    try:
        resolution = directory.look_up(said)
    except Held:  # the number is somebody else's
        return []
    if resolution.rule == "identifier":
        return [(resolution.person_id, 1.0, CERTAIN)]
    certain = resolution.person_id if resolution.rule == "demographics" else ""
    return [(c.person_id, round(c.score.probability, 4), _grade(c, certain)) for c in directory.likely(said)]


def _grade(candidate: Candidate, certain: str) -> str:
    if candidate.person_id == certain:
        return CERTAIN
    sure = candidate.score.bits >= weights().automatic and not candidate.score.contradictory
    return PROBABLE if sure else POSSIBLE


def cross_references(hub: Hub, practice_id: str, source: str) -> Json:
    """The Patient who has the identifier (``system|value``). Raises ``NotFound``."""
    with reading(hub.main) as connection:
        found = {r.person_id for r in people.of_keys(connection, [source])} & _persons(connection, practice_id)
        if not found:
            raise NotFound("no patient of this practice has the identifier")
        return next(iter(_patients(connection, found).values()))


def read_one(hub: Hub, practice_id: str, person_id: str) -> Json:
    """A patient by id; one who was merged leads to the other one. Raises ``NotFound``."""
    with reading(hub.main) as connection:
        mine = _persons(connection, practice_id)
        if person_id in mine:
            return _patients(connection, {person_id})[person_id]
        merged = [m for m in merges.newest(connection, person_id, 100) if m.holds and m.retired == person_id]
    if not merged or merged[0].survivor not in mine:
        raise NotFound(f"this practice has no patient {person_id!r}")
    link = {"other": {"reference": f"Patient/{merged[0].survivor}"}, "type": "replaced-by"}
    return {"resourceType": "Patient", "id": person_id, "active": False, "link": [link]}


def search(hub: Hub, practice_id: str, wanted: Mapping[str, str], count: int) -> list[Json]:
    """The practice's patients for whom all holds: ``family`` and ``given`` begin so, ``birthdate``, ``gender`` and
    ``identifier`` (``system|value`` or the value) are so, ``_id`` is the id."""
    with reading(hub.main) as connection:
        patients = _patients(connection, _persons(connection, practice_id))
    found = [patient for patient in patients.values() if all(_holds(patient, *asked) for asked in wanted.items())]
    return sorted(found, key=lambda p: (p.get("name", [{}])[0].get("family", ""), p["id"]))[:count]


def _holds(patient: Json, name: str, value: str) -> bool:
    shown = patient.get("name", [{}])[0]
    match name:
        case "_id":
            return bool(patient["id"] == value)
        case "family":
            return bool(shown.get("family", "").casefold().startswith(value.casefold()))
        case "given":
            return any(given.casefold().startswith(value.casefold()) for given in shown.get("given", ()))
        case "birthdate":
            return bool(patient.get("birthDate") == value.removeprefix("eq"))
        case "gender":
            return bool(patient.get("gender") == value)
        case _:
            return any(value in (f"{i['system']}|{i['value']}", i["value"]) for i in patient["identifier"])


def _persons(connection: Connection, practice_id: str) -> set[str]:
    """Whom the practice may know of: those of its panel, and those of whom it was told."""
    tables = (panel, notifications)
    queries = [select(t.c.person_id).where(t.c.practice_id == practice_id, t.c.person_id.is_not(None)) for t in tables]
    return {person for query in queries for person in connection.execute(query.distinct()).scalars()}


def _patients(connection: Connection, person_ids: set[str]) -> dict[str, Json]:
    by_person: dict[str, list[SourceRecord]] = {}
    for record in people.newest_of_persons(connection, person_ids):
        by_person.setdefault(record.person_id, []).append(record)
    return {person: _patient(connection, person, records) for person, records in by_person.items()}


def _patient(connection: Connection, person_id: str, records: list[SourceRecord]) -> Json:
    """The golden view, with the persons who were merged into this one."""
    view = golden([r.demographics for r in records])
    replaced = [m.retired for m in merges.newest(connection, person_id, 100) if m.holds and m.survivor == person_id]
    return as_patient(person_id, sorted(r.key for r in records), view, replaced)
