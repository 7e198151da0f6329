"""What registration knows of the people around a patient (guarantor, insured person, their employers), for which R4's
RelatedPerson has no elements: social history, as an Observation whose ``focus`` is that person."""

from collections.abc import Iterable

from hub.fhir.build import compact, complete, concept, identified
from hub.fhir.systems import TERMINOLOGY
from hub.mappers.context import Context, Whose
from hub.mappers.facts import components
from hub.model import Json

_SOCIAL = concept(TERMINOLOGY + "observation-category", "social-history", "Social History")
_NOT_RELATED = ("Patient", "Organization")


def social_history(
    who: Json | None, about: str, found: Iterable[tuple[str, Json]], others: list[Json], ctx: Context
) -> None:
    """Adds the facts about a person, by default the patient; ``others`` are organizations that they name."""
    said = components(found)
    if not (said or others):
        return
    focus = [who] if who is not None and who is not ctx.patient else []
    ctx.add(
        {
            "resourceType": "Observation",
            "status": "final",
            "category": [_SOCIAL],
            "code": {"text": about},
            "subject": ctx.whom,
            "focus": [
                ctx.reference(one, one["name"] if isinstance(one.get("name"), str) else "") for one in (*focus, *others)
            ],
            "encounter": ctx.visit,
            "component": said,
        },
        ctx.owner,
        who["id"] if who else "",
        about,
    )


def related_person(members: Json, ctx: Context, *identity: str) -> Json | None:
    """Adds a RelatedPerson of the patient, unless nothing is known of him. He is known by his name and by ``identity``:
    what he is to the patient, for instance, so that a guarantor who is also insured is one person."""
    person = person_of(ctx.whose, members, *identity)
    return ctx.keep(person) if person else None


def person_of(whose: Whose, members: Json, *identity: str) -> Json | None:
    """That RelatedPerson, with the id."""
    known = compact(members)
    if not known.keys() - {"relationship"}:
        return None
    person = {"resourceType": "RelatedPerson", "patient": whose.whom, **known}
    return identified(person, whose.owner, *map(_words, known.get("name", ())[:1]), *identity)


def _words(name: Json) -> str:
    return " ".join((*name.get("given", ()), name.get("family", ""), *name.get("suffix", ())[:1])).casefold()


def more_of(person: Json | None, members: Json) -> bool:
    """Completes a RelatedPerson; what is said of the patient himself or of nobody has no place there."""
    if person is None or person["resourceType"] in _NOT_RELATED:
        return False
    complete(person, compact(members))
    return True
