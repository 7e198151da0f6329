"""When it happened that a posted resource tells of; HL7 v2 has EVN-2, in FHIR each type has a place of its own."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from hub.model import Json

_BEGAN = ("planned", "arrived", "triaged", "in-progress")


def moment_of(resources: Iterable[Json]) -> str:
    """The newest moment that the resources state, a FHIR dateTime with time and offset; empty when none does."""
    stated = [text for resource in resources if "T" in (text := _stated(resource))]
    return max(stated, key=_instant, default="")


def _stated(resource: Json) -> str:
    read = _PLACES.get(resource["resourceType"])
    said: str = (read(resource) if read else "") or resource.get("meta", {}).get("lastUpdated", "")
    return said


def _encounter(encounter: Json) -> str:
    """When it began, or ended; a visit that is cancelled says neither."""
    period: Json = encounter.get("period", {})
    place = "start" if encounter["status"] in _BEGAN else "end" if encounter["status"] == "finished" else ""
    return str(period.get(place, ""))


def _appointment(appointment: Json) -> str:
    """When it was made; what became of it since only ``meta`` says."""
    updated = appointment.get("meta", {}).get("lastUpdated", "")
    made = appointment.get("created", "") if appointment["status"] in ("proposed", "pending", "booked") else ""
    return str(updated or made)


def _member(name: str) -> Callable[[Json], str]:
    return lambda resource: str(resource.get(name, ""))


_PLACES: dict[str, Callable[[Json], str]] = {
    "Appointment": _appointment,
    "Communication": _member("sent"),
    "DiagnosticReport": _member("issued"),
    "DocumentReference": _member("date"),
    "Encounter": _encounter,
    "Observation": _member("issued"),
    "ServiceRequest": _member("authoredOn"),
    "Task": _member("lastModified"),
}


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.replace(":60", ":59")).astimezone(UTC)
    except (ValueError, OverflowError):  # a moment of FHIR that Python cannot name
        return datetime.min.replace(tzinfo=UTC)
