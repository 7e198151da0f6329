"""What a FHIR Patient says of a person, in the normalised form that is compared."""

import re
import unicodedata
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from hub.fhir.ids import identifier_key
from hub.model import Json

SHARED_TYPES = frozenset({"SS", "DL", "PPN", "MC", "MA", "MB", "HC", "NPI", "AN", "VN"})
"""Identifier types (HL7 table 0203) that do not name a record of the sending system, or that families share: social
security, licences, passports, insurance and visit numbers. They corroborate; they never identify by themselves."""

SSN_SYSTEM = "http://hl7.org/fhir/sid/us-ssn"
NEWBORN = re.compile(r"baby|newborn|infant|girl(?!ie)|boy(?!ce|d|le)|bb|bg|nb")
"""How given names begin that a hospital fills in before a child is named ("BABY GIRL A", "BB ANNA", not "Boyd")."""

NOBODY = frozenset({"unknown", "unk", "unidentified", "nameunknown", "unknownname", "notgiven", "none", "na", "xxx"})
NOBODY_AT_ALL = frozenset({("doe", "john"), ("doe", "jane"), ("test", "patient")})
"""Names that stand for no name yet: of a part, and of family and given name together."""

NO_BIRTH_DATE = frozenset({"1900-01-01", "1800-01-01", "9999-12-31"})
NO_STREET = frozenset({"unknown", "unk", "none", "na", "homeless", "nofixedaddress", "noaddress", "generaldelivery"})
NO_PHONE = frozenset({"1234567890", "0123456789", "9876543210"})
NO_SSN = frozenset({"123456789", "987654321", "078051120"})
_SECONDARY_NAMES = frozenset({"old", "maiden", "nickname", "anonymous", "temp"})


@dataclass(frozen=True, slots=True)
class Demographics:
    """``family``, ``given``, ``middle`` and ``suffix`` are letters only, lower case; ``phones`` the last ten digits;
    ``address`` is ``street|postal code``; ``ssn`` its digits (nine, or the last four). ``keys`` name the patient in the
    systems that number patients, ``others`` are all further identifiers (both ``system|value``). ``name`` is for people
    to read."""

    name: str = ""
    family: str = ""
    given: str = ""
    middle: str = ""
    suffix: str = ""
    birth_date: str = ""
    sex: str = ""
    phones: tuple[str, ...] = ()
    address: str = ""
    ssn: str = ""
    keys: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """Whether a name and a birth date are there to match by."""
        return bool(self.family and self.given and self.birth_date) and not self.placeholder

    @property
    def placeholder(self) -> bool:
        """Whether the name was filled in for somebody whose name is not known yet: a newborn, an unknown patient."""
        filled_in = NOBODY & {self.family, self.given} or (self.family, self.given) in NOBODY_AT_ALL
        return bool(filled_in or NEWBORN.match(self.given))

    def restated(self, now: "Demographics") -> "Demographics":
        """What is known after ``now`` was said; its empty members say nothing."""
        said: dict[str, Any] = {name: value for name in _MEMBERS if (value := getattr(now, name))}
        return replace(self, **said)

    @classmethod
    def from_json(cls, body: Json) -> "Demographics":
        """The demographics that ``orjson`` wrote."""
        said: Json = {name: tuple(value) if isinstance(value, list) else value for name, value in body.items()}
        return cls(**said)


_MEMBERS = tuple(member.name for member in fields(Demographics))


def read(patient: Json, feed: str) -> Demographics:
    """The demographics of a FHIR R4 Patient that came by ``feed``."""
    name = _name(patient)
    given = name.get("given", [])
    keys, others, ssn = _identifiers(patient, feed)
    birth_date = patient.get("birthDate", "")
    return Demographics(
        name=name.get("text") or " ".join([*given, name.get("family", ""), *name.get("suffix", [])]).strip(),
        family=letters(name.get("family", "")),
        given=letters(given[0]) if given else "",
        middle=letters("".join(given[1:])),
        suffix=letters("".join(name.get("suffix", []))),
        birth_date="" if birth_date in NO_BIRTH_DATE else birth_date,
        sex=patient.get("gender", ""),
        phones=tuple(sorted({p for t in patient.get("telecom", []) if (p := phone(t))})),
        address=_address(patient),
        ssn=ssn,
        keys=keys,
        others=others,
    )


@lru_cache(maxsize=4096)
def letters(text: str) -> str:
    """Letters without accents, case, blanks and marks: ``O'Brien-Núñez`` is ``obriennunez``."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed.casefold() if c.isalpha())


def phone(telecom: Json) -> str:
    """The last ten digits of a phone number; empty for anything else and for numbers that are filled in."""
    if telecom.get("system") == "email":
        return ""
    digits = re.sub(r"\D", "", telecom.get("value", ""))[-10:]
    return digits if len(digits) >= 7 and len(set(digits)) > 1 and digits not in NO_PHONE else ""


def _name(patient: Json) -> dict[str, Any]:
    names: list[dict[str, Any]] = patient.get("name", [])
    primary = [n for n in names if n.get("use") not in _SECONDARY_NAMES]
    return (primary or names or [{}])[0]


def _address(patient: Json) -> str:
    for address in patient.get("address", []):
        street = re.sub(r"[^a-z0-9]", "", "".join(address.get("line", [])[:1]).casefold())
        postal = re.sub(r"\W", "", address.get("postalCode", "")).casefold()[:5]
        if street and postal and street not in NO_STREET and address.get("use") != "old":
            return f"{street}|{postal}"
    return ""


def _identifiers(patient: Json, feed: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    keys: list[str] = []
    others: list[str] = []
    ssn = ""
    for identifier in patient.get("identifier", []):
        if not identifier.get("value"):
            continue
        kinds = {c.get("code") for c in identifier.get("type", {}).get("coding", [])}
        if identifier.get("system") == SSN_SYSTEM or "SS" in kinds:
            ssn = _ssn(identifier["value"])
        elif kinds & SHARED_TYPES or identifier.get("use") == "old":
            others.append(identifier_key(identifier, feed))
        else:
            keys.append(identifier_key(identifier, feed))
    return tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(others)), ssn


def _ssn(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return digits if len(digits) in (4, 9) and len(set(digits)) > 1 and digits not in NO_SSN else ""
