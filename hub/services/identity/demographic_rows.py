"""A row of a table of demographics, under the column names that such tables have, as demographics."""

import re
from collections.abc import Mapping
from datetime import date

from hub.formats.dates import read_date
from hub.identity.demographics import SSN_SYSTEM, Demographics, read
from hub.model import Json

FEED = "match"
COLUMNS = {
    "record_id": ("record_id", "rec_id"),
    "family": ("family", "family_name", "last", "last_name", "lastname", "surname", "patient_last"),
    "given": ("given", "given_name", "first", "first_name", "firstname", "patient_first"),
    "middle": ("middle", "middle_name", "middle_initial", "second_given_name"),
    "suffix": ("suffix", "name_suffix"),
    "former": ("maiden_name", "birth_name", "former_name", "previous_name"),
    "birth_date": ("birth_date", "birthdate", "date_of_birth", "dob"),
    "sex": ("sex", "gender", "administrative_sex"),
    "phone": ("phone", "phone_number", "telephone", "home_phone"),
    "mobile": ("mobile", "mobile_phone", "cell_phone", "phone2", "phone_2", "work_phone"),
    "email": ("email", "e_mail", "email_address"),
    "street": ("street", "street_address", "address", "address_1", "address1", "addr1", "address_line_1"),
    "street_2": ("address_2", "address2", "addr2", "address_line_2"),
    "number": ("street_number", "house_number"),
    "city": ("city", "suburb", "town"),
    "postal_code": ("postal_code", "postcode", "zip", "zip_code"),
    "ssn": ("ssn", "soc_sec_id", "social_security_number", "ssn4"),
    "member": ("member_id", "insurance_id", "policy_number"),
    "mrn": ("mrn", "medical_record_number", "patient_id"),
    "authority": ("authority", "mrn_authority", "assigning_authority", "facility"),
}
"""Fields and the headers that are understood for them; the first one that has a value counts."""

_GENDERS = {"m": "male", "f": "female", "male": "male", "female": "female", "o": "other", "u": "unknown"}
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_AMERICAN = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def said(fields: Mapping[str, str], name: str) -> str:
    """What a row says of a field of ``COLUMNS``; empty when nothing."""
    return next((value.strip() for header in COLUMNS[name] if (value := fields.get(header))), "")


def demographics(fields: Mapping[str, str]) -> Demographics:
    """The demographics of one row, by its normalised headers."""
    return read(_patient({name: said(fields, name) for name in COLUMNS}), FEED)


def birth_date(text: str) -> str:
    """``YYYY-MM-DD``, ``YYYYMMDD``, ``MM/DD/YYYY``, a day with the month's name, or a year; empty for what is none of
    these. A date that there is not (``19372109``) is kept, because it may be another one mistyped."""
    if match := _COMPACT.fullmatch(text):
        return "-".join(match.groups())
    if match := _AMERICAN.fullmatch(text):
        return _day_and_month(match[3], match[1], match[2])
    return text if re.fullmatch(r"\d{4}(-\d{2})?", text) else read_date(text, "%m/%d/%Y")


def _day_and_month(year: str, month: str, day: str) -> str:
    """The American order, unless only the other one is a date."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return f"{year}-{int(day):02}-{int(month):02}"


def _patient(cells: dict[str, str]) -> Json:
    """The row as a FHIR Patient, so that it is normalised as every other."""
    return {
        "name": [
            {"family": cells["family"], "given": [cells["given"], cells["middle"]], "suffix": [cells["suffix"]]},
            {"use": "maiden", "family": cells["former"]},
        ],
        "birthDate": birth_date(cells["birth_date"]),
        "gender": _GENDERS.get(cells["sex"].lower(), ""),
        "telecom": [
            {"system": "phone", "value": cells["phone"]},
            {"system": "phone", "value": cells["mobile"]},
            {"system": "email", "value": cells["email"]},
        ],
        "address": [
            {
                "line": [f"{cells['number']} {cells['street']}".strip(), cells["street_2"]],
                "postalCode": cells["postal_code"],
                "city": cells["city"],
            }
        ],
        "identifier": [i for i in _identifiers(cells) if i["value"]],
    }


def _identifiers(cells: dict[str, str]) -> list[Json]:
    facility = f"urn:carering:{FEED}:mrn:{cells['authority']}"
    return [
        {"system": f"urn:carering:{FEED}:record", "value": cells["record_id"]},
        {"system": facility, "value": cells["mrn"]},
        {"system": SSN_SYSTEM, "value": cells["ssn"]},
        {"type": {"coding": [{"code": "MB"}]}, "value": cells["member"]},
    ]
