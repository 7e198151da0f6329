"""Who comes: patients, and the clinicians who look after them. All of them are invented."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from hub.simulator import names

_OLDEST = date(1932, 1, 1)
_YOUNGEST = date(2006, 12, 31)


class Clinician(NamedTuple):
    """A clinician; ``npi`` has a valid check digit."""

    npi: str
    family: str
    given: str

    @property
    def xcn(self) -> tuple[str, ...]:
        """As HL7 v2 XCN."""
        return (self.npi, self.family, self.given, "", "", "Dr.", "", "", "NPI", "L", "", "", "NPI")


class SimulatedPractice(NamedTuple):
    """A primary care practice with its clinicians."""

    id: str
    name: str
    clinicians: tuple[Clinician, ...]


PRACTICES = (
    SimulatedPractice("panel-busy", "Busy Family Medicine", (Clinician("1234567893", "Busy", "Beatrice"),)),
    SimulatedPractice(
        "maple-clinic",
        "Maple Street Clinic",
        (Clinician("1234567901", "Stone", "Marcus"), Clinician("1234567919", "Rivera", "Elena")),
    ),
    SimulatedPractice("harbor-health", "Harbor Health", (Clinician("1234567927", "Okonkwo", "Ada"),)),
)
ATTENDINGS = (
    Clinician("1234567935", "Gomez", "Ana"),
    Clinician("1234567943", "Osei", "Kwame"),
    Clinician("1234567950", "Lind", "Sven"),
    Clinician("1234567968", "Sato", "Naomi"),
)
CARDIOLOGISTS = (Clinician("1111111112", "Love", "Laura"), Clinician("1987654328", "Varga", "Tomas"))
CARDIOLOGY = "Love Cardiology Group"


@dataclass(frozen=True, slots=True)
class Person:
    """One human being, whatever the facilities call them. ``number`` is the truth that identity should find."""

    number: int
    family: str
    given: str
    middle: str
    suffix: str
    sex: str
    born: date
    ssn: str
    street: str
    city: str
    zip_code: str
    phone: str
    race: tuple[str, str]
    language: tuple[str, str]
    marital: str
    payer: tuple[str, str, str]
    kin: str
    practice: SimulatedPractice
    pcp: Clinician
    home: int
    """Which of the hospitals this person usually goes to."""

    @property
    def email(self) -> str:
        return f"{self.given}.{self.number}@example.org".lower()

    @property
    def member_id(self) -> str:
        return f"{self.payer[0][:3]}{self.number:07}"


def people(seed: int, count: int) -> Iterator[Person]:
    """The first ``count`` people of this seed; more of them do not change the first ones."""
    return (_person(number, Random(f"{seed}/person/{number}")) for number in range(1, count + 1))


def _person(number: int, rng: Random) -> Person:
    sex = rng.choice("FM")
    city, zip_code = rng.choice(names.CITIES)
    practice = rng.choice(PRACTICES)
    return Person(
        number=number,
        family=rng.choice(names.FAMILIES),
        given=rng.choice(names.WOMEN if sex == "F" else names.MEN),
        middle=rng.choice("ABCDEFGHJKLMNPRSTW") if rng.random() < 0.7 else "",
        suffix="Jr" if sex == "M" and rng.random() < 0.04 else "",
        sex=sex,
        born=_OLDEST + timedelta(days=rng.randrange((_YOUNGEST - _OLDEST).days)),
        ssn=f"9{rng.randrange(100):02}-{rng.randrange(1, 50):02}-{number % 10000:04}",  # never given out by the SSA
        street=f"{rng.randrange(1, 400)} {rng.choice(names.STREETS)}",
        city=city,
        zip_code=zip_code,
        phone=f"{rng.choice(('845', '518', '631'))}5550{rng.randrange(100, 200)}",  # 555-0100 to 0199: fiction
        race=rng.choice(names.RACES),
        language=rng.choice(names.LANGUAGES),
        marital=rng.choice("MMSDW"),
        payer=rng.choice(names.PAYERS),
        kin=rng.choice(names.WOMEN + names.MEN),
        practice=practice,
        pcp=rng.choice(practice.clinicians),
        home=0 if rng.random() < 0.65 else 1,
    )
