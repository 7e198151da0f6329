"""A region's people and the records that its facilities keep of them, with the truth: families, twins, fathers and sons
of one name, namesakes, moves and marriages."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from hub.simulator import names, region_names
from hub.simulator.region_names import Origin

TODAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Habits:
    """What the region is like. Shares are of one: of families, births, sons, persons or records, as the name says."""

    origins: tuple[tuple[Origin, float], ...] = (
        (region_names.ENGLISH, 0.55),
        (region_names.SPANISH, 0.16),
        (region_names.VIETNAMESE, 0.06),
        (region_names.CHINESE, 0.06),
        (region_names.ARABIC, 0.05),
        (region_names.INDIAN, 0.06),
        (region_names.POLISH, 0.03),
        (region_names.GERMAN, 0.03),
    )
    postal_codes: int = 25
    children: int = 3
    twins: float = 0.06
    twins_alike: float = 0.3
    juniors: float = 0.15
    namesakes: float = 0.02
    same_day_namesakes: float = 0.3
    facilities: int = 3
    records: float = 2.2
    moves: float = 0.15
    marries: float = 0.12
    new_phone: float = 0.12
    errors: float = 1.0
    missing: float = 1.0


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives, with the telephone there."""

    street: str
    city: str
    postal: str
    phone: str


@dataclass(frozen=True, slots=True)
class Resident:
    """One human being. ``number`` is the truth; ``relatives`` are the social security numbers of the family."""

    number: int
    given: str
    middle: str
    family: str
    sex: str
    born: date
    ssn: str
    email: str
    home: Home
    suffix: str = ""
    maiden: str = ""
    relatives: tuple[str, ...] = ()


def residents(seed: int, families: int, habits: Habits) -> list[Resident]:
    """The people of so many families, and their namesakes elsewhere in the region."""
    rng = Random(f"{seed}/region")
    people: list[Resident] = []
    for _ in range(families):
        family = _family(rng, habits)
        numbers = tuple(person.ssn for person in family)
        people += [replace(p, number=len(people) + n, relatives=numbers) for n, p in enumerate(family, 1)]
    models = rng.sample(people, int(len(people) * habits.namesakes))
    return people + [_namesake(rng, habits, p, len(people) + n) for n, p in enumerate(models, 1)]


def _family(rng: Random, habits: Habits) -> list[Resident]:
    """Parents and children; no two of the children have one given name."""
    origin = rng.choices(*zip(*habits.origins, strict=True))[0]
    home, surname, own = _home(rng, habits), _surname(rng, origin), _surname(rng, origin)
    born = TODAY - timedelta(days=rng.randrange(24 * 365, 80 * 365))
    father = _person(rng, origin, "M", born, family=surname, home=home)
    birth = born + timedelta(days=rng.randrange(-2000, 3000))
    mother = _person(rng, origin, "F", birth, family=own if origin.keeps else surname, home=home)
    children: dict[str, Resident] = {}
    for _ in range(rng.randrange(habits.children + 1)):
        day = born + timedelta(days=rng.randrange(19 * 365, 40 * 365))
        day = min(day, TODAY - timedelta(days=rng.randrange(1, 900)))
        family = f"{surname} {own}" if origin.doubles else surname
        child = _person(rng, origin, rng.choice("MF"), day, family=family, home=home)
        for person in _birth(rng, habits, origin, child, father):
            children.setdefault(person.given, person)
    return [father, mother, *children.values()]


def _birth(rng: Random, habits: Habits, origin: Origin, child: Resident, father: Resident) -> Iterator[Resident]:
    """One child, a junior, or twins, whose social security numbers are neighbours."""
    if rng.random() < habits.twins:
        twin = _person(rng, origin, rng.choice("MF"), child.born, family=child.family, home=child.home)
        twin = replace(twin, ssn=str(int(child.ssn) + 1))
        if origin.alike and rng.random() < habits.twins_alike:
            one, other = rng.choice(origin.alike)
            child, twin = replace(child, given=one), replace(twin, given=other, sex=child.sex)
        yield from (child, twin)
    elif child.sex == "M" and rng.random() < habits.juniors:
        yield replace(child, given=father.given, middle=father.middle, suffix="Jr")
    else:
        yield child


def _person(rng: Random, origin: Origin, sex: str, born: date, *, family: str, home: Home) -> Resident:
    called = origin.women if sex == "F" else origin.men
    given = _common(rng, called)
    return Resident(
        number=0,
        given=given,
        middle=_common(rng, called) if rng.random() < 0.6 else "",
        family=family,
        sex=sex,
        born=born,
        ssn=_ssn(rng),
        email=f"{given}.{family}{born.year % 100}@example.org".lower().replace(" ", "") if rng.random() < 0.5 else "",
        home=home,
    )


def _namesake(rng: Random, habits: Habits, model: Resident, number: int) -> Resident:
    """Somebody else of that name, born on the same day or in the same year, who lives elsewhere."""
    same_day = rng.random() < habits.same_day_namesakes
    born = model.born if same_day else date(model.born.year, rng.randrange(1, 13), rng.randrange(1, 29))
    other = replace(model, number=number, born=born, ssn=_ssn(rng), home=_home(rng, habits))
    return replace(other, email="", relatives=(), middle="", suffix="")


def _home(rng: Random, habits: Habits) -> Home:
    place = int(habits.postal_codes * rng.random() ** 1.5)
    return Home(
        street=f"{rng.randrange(1, 1500)} {rng.choice(names.STREETS)}",
        city=names.CITIES[place % len(names.CITIES)][0],
        postal=f"{12000 + place * 7:05}",
        phone=f"{rng.choice(('845', '518', '631', '914'))}{rng.randrange(200, 999)}{rng.randrange(10_000):04}",
    )


def _ssn(rng: Random) -> str:
    """One that is never given out by the Social Security Administration."""
    return str(rng.randrange(900_000_000, 999_000_000))


def _surname(rng: Random, origin: Origin) -> str:
    return _common(rng, origin.families)


def _common(rng: Random, words: tuple[str, ...]) -> str:
    """A name, the first ones of the list more often."""
    return words[int(len(words) * rng.random() ** 1.6)]


def moved(rng: Random, habits: Habits, person: Resident) -> Resident:
    """The person some time later: at another address, with another number, under a spouse's name."""
    if rng.random() < habits.moves:
        home = _home(rng, habits)
        person = replace(person, home=home if rng.random() < 0.5 else replace(home, phone=person.home.phone))
    elif rng.random() < habits.new_phone:
        person = replace(person, home=replace(person.home, phone=_home(rng, habits).phone))
    grown = TODAY.year - person.born.year > 19
    if grown and person.sex == "F" and not person.maiden and rng.random() < habits.marries:
        spouse = _surname(rng, region_names.ENGLISH)
        married = f"{person.family}-{spouse}" if rng.random() < 0.25 else spouse
        person = replace(person, family=married, maiden=person.family)
    return person
