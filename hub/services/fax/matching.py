"""Which patient of a roster a document is about. A wrong patient is worse than none: who is found must be the only one
who fits, and nothing on the page may speak against it.

Recognition misreads letters and digits, so a candidate need not agree to the letter; but only one who agrees in name
and birth date, or in a number with one of both, is certain.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from hub.formats.fax import FaxDocument
from hub.identity.demographics import Demographics
from hub.identity.normal import letters, street
from hub.services.fax.known import Known

NEW = "NEW"
NEAR_NAME = 0.88
"""Jaro–Winkler similarity of names from which they may be the same, misread."""
_SEX = {"M": "male", "F": "female", "X": "other"}


@dataclass(frozen=True, slots=True)
class Match:
    """The patient found: the roster's ``key``, or ``NEW`` where nobody comes near, or empty where it is unclear.

    ``certain`` is whether the document may be filed without a person; ``agrees`` and ``differs`` say in what.
    """

    key: str = ""
    confidence: float = 0.0
    certain: bool = False
    agrees: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    key: str
    exact: frozenset[str]
    near: frozenset[str]
    differs: frozenset[str]

    @property
    def weight(self) -> float:
        """Evidence for this one: a number that agrees says most."""
        points = {"name": 3, "birth date": 3, "mrn": 4, "phone": 2, "address": 2, "referral": 3, "sex": 0.2}
        agreed = sum(points[each] for each in self.exact) + sum(points[each] * 0.6 for each in self.near)
        return agreed - sum(points[each] for each in self.differs) * 0.7

    @property
    def corroborated(self) -> bool:
        return bool(self.exact & {"mrn", "phone", "address", "referral"})

    @property
    def certain(self) -> bool:
        """Name and birth date to the letter and one thing more, or the record's number and one of both to the letter
        with the other misread a little; and nothing that differs."""
        both = {"name", "birth date"} <= self.exact
        numbered = "mrn" in self.exact and ("name" in self.exact and "birth date" in self.near)
        return not self.differs and ((both and self.corroborated) or numbered)


def match(document: FaxDocument, known: Known) -> Match:
    """The roster's patient whom the document names."""
    if not known.roster or not document.patient:
        return Match()
    owners = {key for number in document.referral_numbers if (key := known.referrals.get(number))}
    found = [one for key, patient in known.roster if (one := _candidate(key, patient, document, owners))]
    found.sort(key=lambda one: one.weight, reverse=True)
    if not found:
        return Match(NEW, round(0.9 * document.confidence, 4), differs=("nobody on the roster comes near",))
    best, *others = found
    rival = next((one for one in others if one.weight > best.weight - 2), None)
    elsewhere = _others_number(best, document, known)
    differs = [f"the {what} differs" for what in sorted(best.differs)] + elsewhere
    if rival:
        differs.append("another patient on the roster fits nearly as well")
    sure = best.certain and not rival and not elsewhere
    key = "" if rival and rival.weight >= best.weight else best.key
    confidence = 0.99 if sure else 0.9 if best.exact >= {"name", "birth date"} and not differs else 0.6
    return Match(key, confidence if key else 0.0, sure, tuple(sorted(best.exact)), tuple(differs))


def _candidate(key: str, patient: Demographics, document: FaxDocument, owners: set[str]) -> _Candidate | None:
    """Somebody who agrees in two things of name, birth date and numbers, at least nearly."""
    compared = dict(_compared(patient, document))
    if owners:
        compared["referral"] = "exact" if key in owners else "differs"
    exact, near, differs = (
        frozenset(k for k, v in compared.items() if v == how) for how in ("exact", "near", "differs")
    )
    if len((exact | near) - {"sex"}) < 2 and "mrn" not in exact:
        return None
    return _Candidate(key, exact, near, differs)


def _compared(patient: Demographics, document: FaxDocument) -> Iterator[tuple[str, str]]:
    yield "name", _name(patient, document)
    if (born := document.value("dob")) and patient.birth_date:
        yield "birth date", _digits(born, patient.birth_date)
    numbers = {key.rpartition("|")[2].casefold() for key in patient.keys}
    if (mrn := document.value("mrn").casefold()) and numbers:
        yield "mrn", "exact" if mrn in numbers else "unknown"  # another place may number the patient otherwise
    if (phone := document.value("phone")) and patient.phones:
        yield "phone", "exact" if phone in patient.phones else "unknown"
    if (sex := _SEX.get(document.value("sex"), "")) and patient.sex in _SEX.values():
        yield "sex", "exact" if sex == patient.sex else "differs"
    if patient.street and street(document.value("address").partition(",")[0]) == patient.street:
        yield "address", "exact"


def _name(patient: Demographics, document: FaxDocument) -> str:
    """``exact``, ``near`` or ``differs``; a generation that both state must agree."""
    said = document.patient
    given, family = letters(said.given[0]), letters(said.family)
    suffix = letters(said.suffix)
    if suffix and patient.suffix and suffix != patient.suffix:
        return "differs"
    if bool(suffix) != bool(patient.suffix) and (suffix or patient.suffix):
        return "near"
    initial = letters(said.given[1])[:1] if len(said.given) > 1 else ""
    if initial and patient.middle and initial != patient.middle[0]:
        return "near"
    if (given, family) == (patient.given, patient.family):
        return "exact"
    if _alike(given, patient.given) and _alike(family, patient.family):
        return "near"
    glued = letters(f"{patient.given}{patient.middle}{patient.family}")
    return "near" if letters("".join((*said.given, said.family))) == glued else "differs"


def _alike(a: str, b: str) -> bool:
    return a == b or (min(len(a), len(b)) > 2 and JaroWinkler.similarity(a, b) >= NEAR_NAME)


def _digits(a: str, b: str) -> str:
    if a == b:
        return "exact"
    return "near" if DamerauLevenshtein.distance(a, b) == 1 else "differs"


def _others_number(best: _Candidate, document: FaxDocument, known: Known) -> list[str]:
    """The record number on the page is that of somebody else."""
    mrn = document.value("mrn").casefold()
    owners = {
        key for key, patient in known.roster if mrn and mrn in {k.rpartition("|")[2].casefold() for k in patient.keys}
    }
    return ["the record number is that of another patient"] if owners and best.key not in owners else []
