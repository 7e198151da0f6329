"""What the facilities of a region write down of its people: with slips of the pen, nicknames, gaps and placeholders."""

import string
from collections.abc import Iterator
from random import Random

from hub.simulator.region import Habits, Resident, moved, residents

COLUMNS = (
    *("record_id", "first", "middle", "last", "suffix", "maiden_name", "dob", "sex", "ssn"),
    *("address", "city", "zip", "phone", "email", "mrn", "authority"),
)


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in text.split())


SHORT = _pairs(
    """Robert:Bob William:Bill James:Jim Elizabeth:Liz Margaret:Peggy Richard:Rick Michael:Mike Thomas:Tom
    Christopher:Chris Daniel:Dan Matthew:Matt David:Dave Katherine:Kate Patricia:Pat Jennifer:Jen Steven:Steve
    Joseph:Joe Susan:Sue Francisco:Pancho José:Pepe Guadalupe:Lupe Mohammed:Muhammad Yusuf:Youssef"""
)
_ASCII = str.maketrans("áéíóúñüöäßłąśżćęŁÁÓ", "aeiounuoaslaszceLAO")


def region(seed: int, families: int, habits: Habits | None = None) -> Iterator[tuple[dict[str, str], int]]:
    """The records of a region in order of arrival, each a row of ``COLUMNS``, and whose it is."""
    habits = habits or Habits()
    rng = Random(f"{seed}/records")
    rows = [row for person in residents(seed, families, habits) for row in _records(rng, habits, person)]
    rng.shuffle(rows)
    for number, (row, person) in enumerate(rows, 1):
        yield {**row, "record_id": f"r{number}"}, person


def _records(rng: Random, habits: Habits, person: Resident) -> Iterator[tuple[dict[str, str], int]]:
    now = person
    for visit in range(max(1, round(rng.gauss(habits.records, 1)))):
        facility = f"FACILITY{rng.randrange(habits.facilities)}"
        row = _written(rng, habits, now)
        numbers = {"mrn": f"{person.number * 37 + visit}", "authority": facility}
        if rng.random() < 0.004 * habits.errors:
            row |= _filled_in(rng)
        yield row | numbers, person.number
        now = moved(rng, habits, now)


def _written(rng: Random, habits: Habits, person: Resident) -> dict[str, str]:
    wrong, gone = habits.errors, habits.missing

    def slips(text: str, rate: float) -> str:
        return typo(rng, text) if text and rng.random() < rate * wrong else text

    def kept(text: str, rate: float) -> str:
        return "" if rng.random() < rate * gone else text

    given, family = _given(rng, person, wrong), slips(person.family, 0.03)
    if rng.random() < 0.006 * wrong:
        given, family = family, given
    if rng.random() < 0.5:
        given, family = given.translate(_ASCII), family.translate(_ASCII)
    return {
        "first": slips(given, 0.03),
        "middle": kept(person.middle if rng.random() < 0.4 else person.middle[:1], 0.4),
        "last": family.upper() if rng.random() < 0.3 else family,
        "suffix": kept(person.suffix, 0.4),
        "maiden_name": kept(person.maiden, 0.7),
        "dob": kept(_dob(rng, person, wrong), 0.015),
        "sex": kept(person.sex if rng.random() > 0.004 * wrong else "MF"[person.sex == "M"], 0.03),
        "ssn": kept(_ssn(rng, person, wrong), 0.45),
        "address": kept(slips(_street(rng, person), 0.04), 0.06),
        "city": kept(slips(person.home.city, 0.02), 0.06),
        "zip": kept(slips(person.home.postal, 0.015), 0.06),
        "phone": kept(slips(_phone(rng, person), 0.02), 0.2),
        "email": kept(person.email, 0.4),
    }


def _given(rng: Random, person: Resident, wrong: float) -> str:
    if person.given in SHORT and rng.random() < 0.15:
        return SHORT[person.given]
    if person.middle and rng.random() < 0.012 * wrong:
        return person.middle
    return person.given[:1] if rng.random() < 0.004 * wrong else person.given


def _dob(rng: Random, person: Resident, wrong: float) -> str:
    born, chance = person.born, rng.random() / wrong
    if chance < 0.003:
        return "1900-01-01"
    if chance < 0.02:
        year, month, day = born.year, born.month, born.day
        slip = rng.randrange(4)
        if slip == 0 and day <= 12:
            month, day = day, month
        elif slip == 1:
            year += rng.choice((-10, -1, 1, 10))
        elif slip == 2:
            month = month % 12 + 1
            day = min(day, 28)
        else:
            day = day % 28 + 1
        return f"{year}-{month:02}-{day:02}"
    return born.isoformat() if rng.random() < 0.7 else born.strftime("%m/%d/%Y")


def _ssn(rng: Random, person: Resident, wrong: float) -> str:
    chance = rng.random()
    if chance < 0.004 * wrong:
        return rng.choice(("999-99-9999", "123-45-6789", "000-00-0000"))
    if chance < 0.01 * wrong and person.relatives:
        return rng.choice(person.relatives)
    if chance < 0.03 * wrong:
        return typo(rng, person.ssn, string.digits)
    return person.ssn[-4:] if chance > 0.9 else f"{person.ssn[:3]}-{person.ssn[3:5]}-{person.ssn[5:]}"


def _street(rng: Random, person: Resident) -> str:
    short = person.home.street.replace("Street", "St.").replace("Avenue", "Ave").replace("Road", "Rd")
    unit = f", Apt {rng.randrange(1, 9)}" if rng.random() < 0.05 else ""
    return (short if rng.random() < 0.5 else person.home.street) + unit


def _phone(rng: Random, person: Resident) -> str:
    number = person.home.phone
    return f"({number[:3]}) {number[3:6]}-{number[6:]}" if rng.random() < 0.5 else number


def _filled_in(rng: Random) -> dict[str, str]:
    """What stands in a record when nobody knew the patient's name."""
    return rng.choice(
        (
            {"first": "UNKNOWN", "last": "UNKNOWN", "middle": "", "dob": "1900-01-01", "ssn": ""},
            {"first": "John", "last": "Doe", "middle": "", "dob": "", "ssn": "999-99-9999"},
            {"first": "BABY GIRL", "middle": "", "ssn": ""},
        )
    )


def typo(rng: Random, text: str, alphabet: str = string.ascii_lowercase) -> str:
    """One slip of the pen: a letter more, less, another one, or two exchanged."""
    at, kind = rng.randrange(len(text)), rng.randrange(4)
    if kind == 0 and len(text) > 2:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + rng.choice(alphabet) + text[at:]
    if kind == 2 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + rng.choice(alphabet) + text[at + 1 :]
