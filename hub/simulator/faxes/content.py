"""What a synthetic document says, before it is drawn: fields by label, sections, and the truth of both."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from hub.simulator.faxes import words
from hub.simulator.people import ATTENDINGS, CARDIOLOGISTS, PRACTICES, Clinician, Person

DATE_FORMS = ("%m/%d/%Y", "%m/%d/%Y", "%m/%d/%Y", "%m-%d-%Y", "%B %d, %Y", "%b %d, %Y", "%Y-%m-%d", "%d %b %Y")
CLINICIANS = tuple(dict.fromkeys((*ATTENDINGS, *CARDIOLOGISTS, *(c for p in PRACTICES for c in p.clinicians))))
WITH_PATIENT = tuple(kind for kind in words.TITLES if kind != "cover_sheet")
_SECTIONS = {
    "consult_note": ("history", "impression", "plan"),
    "discharge_summary": ("course", "medications", "plan"),
    "radiology_report": ("findings", "impression"),
    "referral_request": ("reason", "medications"),
}


@dataclass(slots=True)
class Content:
    """A document to draw: ``patient`` and ``about`` are label and value pairs, ``sections`` a heading and its lines,
    ``table`` rows of cells; ``fields`` is the truth."""

    type: str
    title: str
    sender: str
    sender_phone: str
    patient: list[tuple[str, str]] = field(default_factory=list)
    about: list[tuple[str, str]] = field(default_factory=list)
    sections: list[tuple[str, list[str]]] = field(default_factory=list)
    table: list[tuple[str, ...]] = field(default_factory=list)
    signature: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sender:
    """How one sender writes: the same on all documents of a fax."""

    rng: Random
    name: str
    phone: str
    dates: str
    family_first: bool
    credential: str

    @classmethod
    def of(cls, rng: Random) -> "Sender":
        return cls(
            rng=rng,
            name=rng.choice(words.SENDERS),
            phone=f"({rng.choice((845, 518, 631))}) 555-01{rng.randrange(100):02}",
            dates=rng.choice(DATE_FORMS),
            family_first=rng.random() < 0.6,
            credential=rng.choice(words.CREDENTIALS),
        )

    def date(self, day: date) -> str:
        return day.strftime(self.dates)

    def label(self, name: str, kind: str = "") -> str:
        return self.rng.choice(words.LABELS_BY_TYPE[name][kind] if kind else words.LABELS[name])

    def person(self, person: Person) -> str:
        middle = f" {person.middle}{'.' if self.credential == 'M.D.' else ''}" if person.middle else ""
        suffix = f" {person.suffix}" if person.suffix else ""
        if self.family_first:
            name = f"{person.family}{suffix}, {person.given}{middle}"
        else:
            name = f"{person.given}{middle} {person.family}{suffix}"
        return name.upper() if self.credential == "DO" else name

    def clinician(self, one: Clinician) -> str:
        plain = f"{one.family}, {one.given}" if self.family_first else f"{one.given} {one.family}"
        return f"{plain}, {self.credential}" if self.rng.random() < 0.7 else f"Dr. {one.given} {one.family}"


def document(kind: str, person: Person, sender: Sender, day: date) -> Content:
    """A document about a person."""
    rng = sender.rng
    made = Content(kind, rng.choice(words.TITLES[kind]), sender.name, sender.phone)
    made.fields["doc_type"] = kind
    _patient(made, person, sender)
    _about(made, sender, day)
    _text(made, sender)
    if kind == "lab_report":
        made.table = _results(made, rng)
    if (kind in words.LABELS_BY_TYPE["author"] and "author" not in made.fields) or rng.random() < 0.4:
        _sign(made, sender, day)
    return made


def cover(sender: Sender, day: date, pages: int, person: Person) -> Content:
    """A cover sheet; some name the patient in the subject."""
    rng = sender.rng
    made = Content("cover_sheet", rng.choice(words.TITLES["cover_sheet"]), sender.name, sender.phone)
    made.about = [
        ("To", rng.choice(words.RECIPIENTS)),
        ("From", sender.name),
        ("Fax", f"(845) 555-01{rng.randrange(100):02}"),
        ("Date", sender.date(day)),
        ("Pages", str(pages)),
    ]
    if rng.random() < 0.4:
        made.about.append(("Re", rng.choice((f"{person.given[0]}. {person.family}", "Medical records", "Referral"))))
    made.sections = [("CONFIDENTIALITY NOTICE", list(_NOTICE))]
    made.fields = {"doc_type": "cover_sheet"}
    return made


_NOTICE = (
    "This facsimile contains confidential health information that is legally privileged.",
    "If you are not the intended recipient, any disclosure, copying or distribution is prohibited.",
    "Please notify the sender by telephone and destroy all copies of this transmission.",
)


def _patient(made: Content, person: Person, sender: Sender) -> None:
    rng = sender.rng
    mrn = f"{rng.choice(('', 'M', 'MR', '00'))}{rng.randrange(10000, 9999999)}"
    phone = f"({person.phone[:3]}) {person.phone[3:6]}-{person.phone[6:]}"
    optional = [("sex", {"F": "Female", "M": "Male"}[person.sex] if rng.random() < 0.5 else person.sex, person.sex)]
    if rng.random() < 0.8:
        optional.append(("mrn", mrn, mrn))
    if rng.random() < 0.7:
        optional.append(("phone", phone if rng.random() < 0.7 else phone[1:4] + "-" + phone[6:], person.phone))
    if rng.random() < 0.4:
        optional.append(("address", f"{person.street}, {person.city}, NY {person.zip_code}", ""))
    rng.shuffle(optional)
    made.patient = [
        (sender.label("patient"), sender.person(person)),
        (sender.label("dob"), sender.date(person.born)),
        *((sender.label(name), shown) for name, shown, _ in optional),
    ]
    made.fields |= {"patient_last": person.family, "patient_first": person.given, "dob": person.born.isoformat()}
    made.fields |= {name: true for name, _, true in optional if true}


def _about(made: Content, sender: Sender, day: date) -> None:
    rng, kind = sender.rng, made.type
    shown = [(sender.label("date_of_service", kind), sender.date(day))]
    made.fields["date_of_service"] = day.isoformat()
    who, author = rng.sample(CLINICIANS, 2)
    name = sender.clinician(who)
    npi = rng.random() < 0.4
    shown.append((sender.label("referring_provider", kind), f"{name}  NPI: {who.npi}" if npi else name))
    made.fields["referring_provider"] = f"{who.family}, {who.given}"
    if kind in words.LABELS_BY_TYPE["author"] and rng.random() < 0.7:
        shown.append((sender.label("author", kind), sender.clinician(author)))
        made.fields["author"] = f"{author.family}, {author.given}"
    if kind in {"referral_request", "consult_note", "prior_authorization"} and rng.random() < 0.7:
        number = f"REF-{rng.randrange(1000, 99999)}"
        shown.append((sender.label("referral_id"), number))
        made.fields["referral_id"] = number
    if kind == "discharge_summary":
        shown.insert(0, ("Admission Date", sender.date(day - timedelta(days=rng.randrange(1, 9)))))
    if kind in {"referral_request", "prior_authorization", "radiology_report"}:
        code, name = rng.choice(words.DIAGNOSES)
        shown.append((sender.label("diagnosis"), f"{code} {name}"))
        made.fields["diagnosis_code"] = code
    made.about = shown


def _text(made: Content, sender: Sender) -> None:
    rng = sender.rng
    for part in _SECTIONS.get(made.type, ()):
        made.sections.append((rng.choice(words.HEADINGS[part]), _lines(part, made, rng)))
    if made.type == "prescription":
        drug = rng.choice(words.MEDICATIONS)
        made.sections.append(("Rx", [drug, f"Disp: {rng.choice((30, 60, 90))}   Refills: {rng.randrange(6)}"]))
        made.fields["medication"] = drug
    if made.type in {"prior_authorization", "medical_records_request"}:
        asked = {
            "prior_authorization": ["Service requested: MRI lumbar spine without contrast (72148)", "Urgency: routine"],
            "medical_records_request": ["Please send the last two office notes, laboratory and imaging reports."],
        }
        made.sections.append(("Request", asked[made.type]))


def _lines(part: str, made: Content, rng: Random) -> list[str]:
    if part == "impression":
        said = rng.choice(words.IMPRESSIONS)
        made.fields["impression"] = said
        return [said]
    if part == "plan":
        changes = rng.sample(words.CHANGES, rng.randrange(3))
        made.fields["changes"] = "; ".join(change.rstrip(".") for change in changes)
        return [*changes, *rng.sample(words.PLANS, rng.randrange(1, 3))]
    if part == "medications":
        return list(rng.sample(words.MEDICATIONS, rng.randrange(2, 5)))
    if part == "reason":
        return [f"Please evaluate and treat. {rng.choice(words.SENTENCES)}"]
    return rng.sample(words.SENTENCES, rng.randrange(3, 8))


def _results(made: Content, rng: Random) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("Test", "Result", "Flag", "Units", "Reference Range")]
    for name, unit, low, high, digits in rng.sample(words.LAB_TESTS, rng.randrange(3, 8)):
        value = rng.uniform(low * 0.8, high * 1.25)
        flag = "H" if value > high else "L" if value < low else ""
        rows.append((name, f"{value:.{digits}f}", flag, unit, f"{low:.{digits}f} - {high:.{digits}f}"))
    made.fields["results"] = "; ".join(f"{row[0]} {row[1]} {row[3]}" for row in rows[1:])
    return rows


def _sign(made: Content, sender: Sender, day: date) -> None:
    author = sender.rng.choice(CLINICIANS)
    if known := made.fields.get("author"):
        author = next(c for c in CLINICIANS if f"{c.family}, {c.given}" == known)
    else:
        made.fields["author"] = f"{author.family}, {author.given}"
    at = f"{sender.rng.randrange(8, 18):02}:{sender.rng.randrange(60):02}"
    name = f"{author.given} {author.family}, {sender.credential}"
    made.signature = f"{sender.rng.choice(words.SIGNED)} {name} on {sender.date(day)} {at}"
