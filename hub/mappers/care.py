"""What problems, goals and pathways have in common (HL7 v2.9, chapter 12): how they belong together, and what is said
of them that R4 has no element for."""

from collections.abc import Iterable

from hub.fhir.build import compact
from hub.fhir.codes import Table
from hub.formats.hl7v2.segment import Field, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.dtm_datetime import field_datetime
from hub.mappers.facts import codes_of, components, remarks
from hub.model import Json

_ACTION = Table("0287")


def latest(kind: str, ctx: Context) -> Json | None:
    """The last resource of that kind which the message has brought."""
    return next((one for one in reversed(ctx.resources.values()) if one["resourceType"] == kind), None)


def assessment(about: Json, name: str, found: Iterable[tuple[str, Json]], ctx: Context) -> None:
    """Adds what is said of a problem or goal as an Observation whose focus it is."""
    if said := components(found):
        ctx.add(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": name},
                "subject": ctx.whom,
                "focus": [ctx.reference(about)],
                "encounter": ctx.visit,
                "component": said,
            },
            about["id"],
        )


def restate(resource: Json, status: Json) -> None:
    """Clinical and verification status as said last: a message may tell of a problem or an allergy twice, and take it
    back; what has no clinical status any more has not abated either (con-4)."""
    for name in ("clinicalStatus", "verificationStatus"):
        resource.pop(name, None)
    if "clinicalStatus" not in status:
        resource.pop("abatementDateTime", None)
    resource.update(status)


def action(of: Segment, ctx: Context) -> list[Json]:
    """A note of what was done with a problem or goal, and when (fields 1 and 2; table 0287)."""
    done = cwe_codeableconcept(of[1], ctx, _ACTION)
    said = dict.fromkeys((*codes_of(done), *(one.get("display", "") for one in done.get("coding", ()))))
    words = " ".join(filter(None, said))
    when = field_datetime(of[2], ctx)
    notes = [compact({"time": when, "text": f"Action: {words}"})] if words else []
    return [*notes, *remarks((of[2], "Date and time of the action", when and words))]


def meaning(field: Field, words: dict[str, str]) -> str:
    """What a code of a site's own table means, by its first word in English: ``ACTIVE``, ``Resolved^…``.

    ``words`` lead from beginnings of words in upper case to codes of FHIR; the first that fits counts.
    """
    said = [text.strip().upper() for text in (field.text, field.first[2]) if text.strip()]
    return next((code for start, code in words.items() if any(text.startswith(start) for text in said)), "")
