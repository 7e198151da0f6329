"""The practices' lists of their patients, as they would send them."""

import csv
import io
from datetime import date

from hub.simulator.facilities import PRIMARY_CARE
from hub.simulator.people import PRACTICES, Person, SimulatedPractice, people

COLUMNS = (
    *("action", "practice_id", "mrn", "mrn_authority", "last", "first", "middle", "suffix", "dob", "sex", "ssn4"),
    *("addr1", "city", "state", "zip", "phone", "email", "payer", "member_id", "pcp_npi", "pcp_last", "pcp_first"),
    *("location", "care_manager", "program", "start_date", "end_date", "consent", "notify_profile", "batch_id"),
)


def panel_csv(seed: int, patients: int, day: date, practice: SimulatedPractice | None = None) -> bytes:
    """A panel file (UTF-8 CSV) of one practice, or of all of them, for the people of ``simulate``."""
    told = (practice,) if practice else PRACTICES
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_row(person, day) for person in people(seed, patients) if person.practice in told)
    return text.getvalue().encode()


def _row(person: Person, day: date) -> dict[str, str]:
    return {
        "action": "A",
        "practice_id": person.practice.id,
        "mrn": PRIMARY_CARE.mrn(person),
        "mrn_authority": f"urn:oid:{PRIMARY_CARE.oid}",
        "last": person.family,
        "first": person.given,
        "middle": person.middle,
        "suffix": person.suffix,
        "dob": person.born.isoformat(),
        "sex": person.sex,
        "ssn4": person.ssn[-4:],
        "addr1": person.street,
        "city": person.city,
        "state": "NY",
        "zip": person.zip_code,
        "phone": person.phone,
        "payer": person.payer[1],
        "member_id": person.member_id,
        "pcp_npi": person.pcp.npi,
        "pcp_last": person.pcp.family,
        "pcp_first": person.pcp.given,
        "start_date": f"{day.year - 1}-01-01",
        "batch_id": f"{day:%Y-%m}",
    }
