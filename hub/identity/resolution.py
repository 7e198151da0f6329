"""Which person a message is about: identifiers first, then the weight of the evidence, else a new person.

An automatic link that is wrong discloses a record to the wrong practice; what is doubtful therefore becomes a person of
its own or is held, never guessed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from hub.errors import Held
from hub.identity.decision import Candidate, Decision
from hub.identity.demographics import Demographics
from hub.identity.features import Features, features
from hub.identity.weights import weights
from hub.model import Json, stable_id

SEVERAL = "several known persons fit; a person of its own until somebody decides"
SLIP = "the birth date differs from the known one as by a slip of the pen; the newer one counts"
GENERATION = 15
"""Years: a parent and a child of one name are at least so far apart, a mistyped year is nearer."""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What one system says of a patient under its own identifier: ``key`` is ``system|value``, ``evidence`` why it is
    this person's, oldest first."""

    key: str
    person_id: str
    demographics: Demographics
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """The person, by which rule (``identifier``, ``demographics``, ``document``, ``new``) and on which evidence.

    ``records`` are the source records to write: new ones, and those that say something new. ``review`` are known
    persons who may be the same one; a person is to decide. ``record`` is the key of the source record that decided.
    """

    person_id: str
    rule: str
    evidence: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    records: tuple[SourceRecord, ...] = field(default=())
    review: tuple[Candidate, ...] = field(default=())
    record: str = ""

    def to_json(self) -> Json:
        return {
            "person_id": self.person_id,
            "rule": self.rule,
            "record": self.record,
            "evidence": list(self.evidence),
            "warnings": list(self.warnings),
            "review": [c.to_json() for c in self.review],
        }


def keys_of(patient: Demographics) -> tuple[str, ...]:
    """The keys of the patient's source records; without any number the demographics themselves are the key."""
    if patient.keys:
        return patient.keys
    said = (patient.family, patient.given, patient.suffix, patient.birth_date, patient.sex, *patient.phones)
    return (f"urn:carering:demographics|{stable_id('demographics', *said, patient.address, patient.ssn)}",)


def resolve(
    patient: Demographics, matches: Mapping[str, SourceRecord], decide: Callable[[Features], Decision]
) -> Resolution:
    """The person of a patient. ``matches`` are the known source records under the patient's keys; where there is none,
    ``decide`` is asked. Raises ``Held`` when an identifier names somebody else."""
    keys = keys_of(patient)
    hits = [matches[key] for key in keys if key in matches]
    if hits:
        return _by_identifier(patient, keys, hits)
    decision = decide(features(patient))
    if decision.linked and not decision.same:
        person_id, evidence = decision.linked.person_id, _told(decision.linked)
        records = _fresh(patient, keys, person_id, evidence)
        return Resolution(person_id, "demographics", evidence, (), records, decision.review, keys[0])
    review = tuple(filter(None, (decision.linked, *decision.same, *decision.review)))
    certain = any(c.score.bits >= weights().automatic and not c.score.vetoes for c in review)
    person_id, evidence = stable_id("person", keys[0]), ("nobody known fits for certain",)
    warnings = (SEVERAL,) if certain else ()
    records = _fresh(patient, keys, person_id, evidence)
    return Resolution(person_id, "new", evidence, warnings, records, review, keys[0])


def _told(candidate: Candidate) -> tuple[str, ...]:
    """The evidence for people to read, the strongest first."""
    ranked = sorted(candidate.score.evidence, key=lambda e: -e.bits)
    return (f"{candidate.score.bits:.1f} bits of evidence", *(f"{e.field}: {e.level} ({e.bits:+.1f})" for e in ranked))


def resolve_document(
    patient: Demographics, candidates: Iterable[SourceRecord], referred: Mapping[str, Iterable[str]]
) -> Resolution:
    """The person of a document that was read: exactly one known person with that name and birth date, and one thing
    more. ``referred`` are the persons by the referral numbers on the document. Raises ``Held``."""
    same = [c for c in candidates if _same_name(patient, c.demographics) and _sex_fits(patient, c.demographics)]
    persons = {c.person_id for c in same}
    if len(persons) != 1:
        raise Held(f"{len(persons) or 'no'} known patients have the name and birth date", code="no-unique-patient")
    person_id = persons.pop()
    more = [f"referral number {n} is known for this person" for n, ids in referred.items() if person_id in ids]
    more += [reason for c in same for reason in _in_common(patient, c.demographics, bare=True)]
    if not more:
        raise Held("name and birth date agree, nothing else does", code="no-unique-patient")
    return Resolution(person_id, "document", ("exactly one person has the name and birth date", *dict.fromkeys(more)))


def _by_identifier(patient: Demographics, keys: tuple[str, ...], hits: list[SourceRecord]) -> Resolution:
    first = hits[0]
    if _contradicts(patient, first.demographics):
        reason = "the identifier belongs to somebody with another birth date"
        raise Held(reason, code="identity-conflict", path="PID-3")
    warnings = ["the identifiers of this message belong to several persons; the first one counts"]
    if all(hit.person_id == first.person_id for hit in hits):
        warnings = []
    if not (first.demographics.placeholder or _same_day(patient.birth_date, first.demographics.birth_date)):
        warnings.append(SLIP)
    evidence = tuple(f"{_system(hit.key)} has this patient under the identifier" for hit in hits)
    known = {hit.key: hit for hit in hits}
    mine = (hit for hit in hits if hit.person_id == first.person_id)
    restated = [said for hit in mine if (said := _restated(hit, patient)) is not hit]
    why = ("sent together with a known identifier",)
    fresh = [SourceRecord(key, first.person_id, patient, why) for key in keys if key not in known]
    return Resolution(first.person_id, "identifier", evidence, tuple(warnings), (*restated, *fresh), (), first.key)


def _restated(record: SourceRecord, patient: Demographics) -> SourceRecord:
    """What is known after a message; the same object when it says nothing new. Something empty is no statement (HL7 v2,
    chapter 2: not valued)."""
    if record.demographics == patient:
        return record
    said = record.demographics.restated(patient)
    return record if said == record.demographics else replace(record, demographics=said)


def _fresh(
    patient: Demographics, keys: tuple[str, ...], person_id: str, evidence: tuple[str, ...]
) -> tuple[SourceRecord, ...]:
    return tuple(SourceRecord(key, person_id, patient, evidence) for key in keys)


def _same_name(a: Demographics, b: Demographics) -> bool:
    return a.given == b.given and a.family == b.family and a.birth_date == b.birth_date and a.named


def _sex_fits(a: Demographics, b: Demographics) -> bool:
    return not a.sex or not b.sex or a.sex == b.sex


def _vetoed(a: Demographics, b: Demographics) -> bool:
    """Senior and junior, twins who share a first name, or two social security numbers, are two people."""
    suffixes = bool(a.suffix and b.suffix and a.suffix != b.suffix)
    middles = not (a.middle.startswith(b.middle) or b.middle.startswith(a.middle))  # an initial or nothing fits
    return suffixes or middles or bool(a.ssn and b.ssn and not _same_ssn(a, b))


def _same_ssn(a: Demographics, b: Demographics) -> bool:
    return bool(a.ssn and b.ssn) and (a.ssn == b.ssn if len(a.ssn) == len(b.ssn) else a.ssn[-4:] == b.ssn[-4:])


def _in_common(a: Demographics, b: Demographics, *, bare: bool = False) -> list[str]:
    """What agrees beyond name and birth date. ``bare`` compares identifiers by their values alone, as they stand on
    paper; only there, because two systems may use one number for two people."""
    return [
        reason
        for agrees, reason in (
            (set(a.phones) & set(b.phones), "the phone number agrees"),
            (a.address and a.address == b.address, "the address agrees"),
            (_same_ssn(a, b), "the social security number agrees"),
            (_numbers(a, bare) & _numbers(b, bare), "another identifier agrees"),
        )
        if agrees
    ]


def _numbers(a: Demographics, bare: bool) -> set[str]:
    return {key.rpartition("|")[2] for key in (*a.keys, *a.others)} if bare else set(a.others)


def could_be_one(a: Demographics, b: Demographics) -> bool:
    """Whether nothing that both records say contradicts that they are of one person: for two who share a number that
    is not their own (a visit, a report). Family names change; two given names are twins."""
    alike = a.given == b.given or not (a.given and b.given) or a.placeholder or b.placeholder
    return alike and not _vetoed(a, b) and _born_alike(a, b)


def _contradicts(said: Demographics, known: Demographics) -> bool:
    """Whether a message under a known number is about somebody else: born on another day, unless that is a slip or
    nobody knew yet who the patient was. Names change."""
    identified = known.placeholder and not said.placeholder
    return not identified and not _born_alike(said, known)


def _born_alike(a: Demographics, b: Demographics) -> bool:
    if _same_day(a.birth_date, b.birth_date):
        return True
    return (a.family, a.given) == (b.family, b.given) and _slip(a.birth_date, b.birth_date)


def _same_day(a: str, b: str) -> bool:
    """The same date, as far as both are stated (``1955`` and ``1955-09-14`` agree)."""
    return a.startswith(b) or b.startswith(a)


def _slip(a: str, b: str) -> bool:
    """One part of a date mistyped, or day and month exchanged."""
    (year, *day), (other_year, *other_day) = (text.split("-") for text in (a, b))
    if year != other_year:
        return day == other_day and abs(int(year) - int(other_year)) < GENERATION
    return day == other_day[::-1] or sum(x != y for x, y in zip(day, other_day, strict=False)) == 1


def _system(key: str) -> str:
    return key.rpartition("|")[0]
