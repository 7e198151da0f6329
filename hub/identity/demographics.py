"""What a FHIR Patient says of a person, in the normalised form that is compared."""

from dataclasses import dataclass, fields, replace
from typing import Any

from hub.fhir.ids import identifier_key
from hub.identity import normal
from hub.identity.normal import letters
from hub.model import Json

SHARED_TYPES = frozenset({"SS", "DL", "PPN", "MC", "MA", "MB", "HC", "NPI", "AN", "VN"})
"""Identifier types (HL7 table 0203) that do not name a record of the sending system, or that families share: social
security, licences, passports, insurance and visit numbers. They corroborate; they never identify by themselves."""

SSN_SYSTEM = "http://hl7.org/fhir/sid/us-ssn"
_SECONDARY_NAMES = frozenset({"old", "maiden", "nickname", "anonymous", "temp"})
_FORMER_NAMES = frozenset({"old", "maiden"})


@dataclass(frozen=True, slots=True)
class Demographics:
    """``family``, ``given``, ``middle`` and ``suffix`` are letters only, lower case; ``words`` those of a family name
    of several, ``former`` earlier family names; ``phones`` the last ten digits; ``street`` the first line of the
    address as ``normal.street`` has it, ``locality`` the second; ``ssn`` its digits, or the last four. ``keys`` name
    the patient in the systems that number patients, ``others`` are all further identifiers (both ``system|value``).
    ``name`` is for people to read."""

    name: str = ""
    family: str = ""
    given: str = ""
    middle: str = ""
    suffix: str = ""
    birth_date: str = ""
    sex: str = ""
    phones: tuple[str, ...] = ()
    street: str = ""
    postal: str = ""
    city: str = ""
    locality: str = ""
    ssn: str = ""
    keys: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    former: tuple[str, ...] = ()

    @property
    def named(self) -> bool:
        """Whether a name and a birth date are there to match by."""
        return bool(self.family and self.given and self.birth_date) and not self.placeholder

    @property
    def placeholder(self) -> bool:
        """Whether the name was filled in for somebody whose name is not known yet: a newborn, an unknown patient."""
        return normal.is_placeholder(self.family, self.given)

    @property
    def address(self) -> str:
        """``street|postal code``; empty without both."""
        return f"{self.street}|{self.postal}" if self.street and self.postal else ""

    def restated(self, now: "Demographics") -> "Demographics":
        """What is known after ``now`` was said; its empty members say nothing, and an address is one statement."""
        said: dict[str, Any] = {n: value for n in _MEMBERS if (value := getattr(now, n)) and value != getattr(self, n)}
        if now.street:
            said |= {"postal": now.postal, "city": now.city, "locality": now.locality}
        return replace(self, **said) if said else self

    @classmethod
    def from_json(cls, body: Json) -> "Demographics":
        """The demographics that ``orjson`` wrote, by this release or another one; ``body`` is used up."""
        for name in _REPEATED:
            if name in body:
                body[name] = tuple(body[name])
        try:
            return cls(**body)
        except TypeError:  # another release has other members
            return cls(**{name: value for name, value in body.items() if name in _MEMBERS})


_MEMBERS = tuple(member.name for member in fields(Demographics))
_REPEATED = tuple(member.name for member in fields(Demographics) if member.default == ())


def read(patient: Json, feed: str) -> Demographics:
    """The demographics of a FHIR R4 Patient that came by ``feed``."""
    name = _name(patient)
    given = name.get("given", [])
    family, generation = normal.without_suffix(name.get("family", ""))
    keys, others, ssn = _identifiers(patient, feed)
    birth_date = patient.get("birthDate", "")
    words = normal.name_words(family)
    return Demographics(
        name=name.get("text") or " ".join([*given, name.get("family", ""), *name.get("suffix", [])]).strip(),
        family=letters(family),
        given=letters(given[0]) if given else "",
        middle=letters("".join(given[1:])),
        suffix=normal.suffix("".join(name.get("suffix", []))) or generation,
        birth_date="" if birth_date in normal.NO_BIRTH_DATE else birth_date,
        sex=patient.get("gender", ""),
        phones=_telecoms(patient, email=False),
        **_address(patient),
        ssn=ssn,
        keys=keys,
        others=others,
        emails=_telecoms(patient, email=True),
        words=words if words != (letters(family),) else (),
        former=_former(patient),
    )


def _name(patient: Json) -> dict[str, Any]:
    names: list[dict[str, Any]] = patient.get("name", [])
    primary = [n for n in names if n.get("use") not in _SECONDARY_NAMES]
    return (primary or names or [{}])[0]


def _former(patient: Json) -> tuple[str, ...]:
    names = (n.get("family", "") for n in patient.get("name", []) if n.get("use") in _FORMER_NAMES)
    return tuple(dict.fromkeys(filter(None, map(letters, names))))


def _telecoms(patient: Json, *, email: bool) -> tuple[str, ...]:
    """The patient's numbers, or the addresses of e-mail, in their order."""
    read_one = normal.email if email else normal.phone
    telecoms = (t for t in patient.get("telecom", []) if (t.get("system") == "email") is email)
    return tuple(sorted({said for t in telecoms if (said := read_one(t.get("value", "")))}))


def _address(patient: Json) -> dict[str, str]:
    """The first address that is not a former one."""
    for address in patient.get("address", []):
        if address.get("use") != "old":
            return {
                "street": normal.street("".join(address.get("line", [])[:1])),
                "postal": normal.postal_code(address.get("postalCode", "")),
                "city": letters(address.get("city", "")),
                "locality": normal.street("".join(address.get("line", [])[1:2])),
            }
    return {}


def _identifiers(patient: Json, feed: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    keys: list[str] = []
    others: list[str] = []
    ssn = ""
    for identifier in patient.get("identifier", []):
        if not identifier.get("value"):
            continue
        kinds = {c.get("code") for c in identifier.get("type", {}).get("coding", [])}
        if identifier.get("system") == SSN_SYSTEM or "SS" in kinds:
            ssn = normal.ssn(identifier["value"])
        elif kinds & SHARED_TYPES or identifier.get("use") == "old":
            others.append(identifier_key(identifier, feed))
        else:
            keys.append(identifier_key(identifier, feed))
    return tuple(dict.fromkeys(keys)), tuple(dict.fromkeys(others)), ssn
