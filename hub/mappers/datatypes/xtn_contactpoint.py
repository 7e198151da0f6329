"""XTN (extended telecommunication number) → ContactPoint (HL7 v2.9, chapter 2A.3.90)."""

from collections.abc import Iterable

from hub.fhir.build import compact
from hub.fhir.codes import DATA_ABSENT, TELECOM_SYSTEM, TELECOM_USE
from hub.formats.hl7v2.segment import Field, Repetition
from hub.mappers.notes import Notes
from hub.model import Json

_ABSENT = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}


def xtn_contactpoint(xtn: Repetition, ctx: Notes, use: str = "") -> Json:
    """A phone, fax, pager or e-mail; ``use`` is the field's own meaning where the sender gives none.

    The value is XTN.12 as it is to be dialled, else country, area, local number and extension, else XTN.1.
    """
    if not xtn.raw:
        return {}
    number, purpose, kind, address, country, area, local, inner, _, _, _, dialled = xtn.texts(12)
    equipment = kind.upper()
    system = TELECOM_SYSTEM.codes.get(equipment) or ("email" if address else "other" if equipment else "")
    value = address if system == "email" and address else dialled or _dialled(country, area, local, inner) or number
    if not value:
        return {}
    return compact(
        {
            "system": system,
            "_system": None if system else _ABSENT,
            "value": value,
            "use": _use(purpose, equipment) or use,
        }
    )


def telecom(fields: Iterable[tuple[Field, str]], ctx: Notes) -> list[Json]:
    """The contact points of several fields, each with the use that is its own."""
    return [point for field, use in fields for xtn in field if (point := xtn_contactpoint(xtn, ctx, use))]


def _dialled(country: str, area: str, local: str, inner: str) -> str:
    """A number put together of its parts (XTN.5–.8); nothing without the local number."""
    if not local:
        return ""
    parts = (f"+{country.lstrip('+')}" if country else "", area, local, f"X.{inner}" if inner else "")
    return " ".join(filter(None, parts))


def _use(code: str, equipment: str) -> str:
    return "mobile" if equipment == "CP" else TELECOM_USE.codes.get(code.upper(), "")
