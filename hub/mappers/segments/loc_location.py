"""LOC, LCH, LRL and LDP → Location and HealthcareService: a place in the sender's master file, its features, its like
and what is done there (HL7 v2.9, chapter 8.9)."""

from hub.fhir.build import compact, complete, present
from hub.fhir.codes import untranslated
from hub.formats.hl7v2.segment import Repetition, Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cwe_codeableconcept import cwe_codeableconcept
from hub.mappers.datatypes.cwe_words import concept_name
from hub.mappers.datatypes.dtm_datetime import field_datetime, tm_time
from hub.mappers.datatypes.pl_location import pl_location, place_name
from hub.mappers.datatypes.xon_organization import xon_organization
from hub.mappers.dispatch import segment
from hub.mappers.premises import lines, premises
from hub.mappers.segments.mfe_parameters import ENDED, event_of
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json

_CHARACTERISTIC = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Location.characteristic"
_ALIAS = "ALI"
"""Table 0325: another name of the place."""
_DAYS = {"MON": "mon", "TUE": "tue", "WED": "wed", "THU": "thu", "FRI": "fri", "SAT": "sat", "SUN": "sun"}
_WEEK = list(_DAYS.values())


@segment("LOC")
def loc_location(loc: Segment, ctx: Context) -> Json | None:
    """LOC-2 description, -3 kind, -4 whose, -5 address, -6 telephone, -7 licence, -8 equipment, -9 services."""
    place = pl_location(loc[1].first, ctx)
    if place is None:
        zzz_basic(loc, ctx)
        return None
    owners = [one for xon in loc[4] if (one := xon_organization(xon, ctx))]
    features = [*_concepts(loc, 8, "0261", ctx), *_concepts(loc, 9, "0442", ctx)]
    addresses = premises(loc[5], ctx)
    more = {
        "extension": [_characteristic(one) for one in features],
        "identifier": [{"value": cwe[1] or cwe[2], "type": {"text": "Licence"}} for cwe in loc[7] if cwe[1] or cwe[2]],
        "status": "inactive" if event_of(loc, ctx) in ENDED else "active",
        "description": loc[2].text,
        "type": _concepts(loc, 3, "0260", ctx),
        "telecom": lines(loc[6], ctx),
        "address": addresses[0] if addresses else None,
        "managingOrganization": ctx.reference(owners[0], owners[0].get("name", "")) if owners else None,
    }
    complete(place, compact(more))
    ctx.focus.append(place)
    return place


@segment("LCH", "LRL")
def lch_characteristic(lch: Segment, ctx: Context) -> Json | None:
    """A feature of a place (-4) and its value (-5, in LRL also the other place of -6); an alias is one of its names."""
    place = pl_location(lch[1].first, ctx)
    if place is None:
        zzz_basic(lch, ctx)
        return None
    other = pl_location(lch[6].first, ctx) if lch.name == "LRL" else None
    value = cwe_codeableconcept(lch[5], ctx) if lch.name == "LCH" else {"text": lch[5].text}
    words = concept_name(value) or (place_name(lch[6].first) if other else "")
    feature = cwe_codeableconcept(lch[4], ctx, untranslated("0324" if lch.name == "LCH" else "0325"))
    if lch.name == "LRL" and lch[4].text == _ALIAS and words:
        complete(place, {"alias": [words]})
    codings = [*feature.get("coding", ()), *value.get("coding", ())]
    said = compact({"coding": codings, "text": ": ".join(filter(None, (concept_name(feature), words)))})
    complete(place, {"extension": [_characteristic(said)]} if said else {})
    return place


@segment("LDP")
def ldp_healthcareservice(ldp: Segment, ctx: Context) -> Json | None:
    """LDP-2 department, -3 service, -4 specialties, -5 for which patients, -6 whether it is active, -7 and -8 from when
    to when, -9 why not, -10 visiting hours, -11 telephone, -12 cost center."""
    place = pl_location(ldp[1].first, ctx)
    if place is None:
        zzz_basic(ldp, ctx)
        return None
    department = cwe_codeableconcept(ldp[2], ctx, untranslated("0264"))
    return ctx.add(
        {
            "resourceType": "HealthcareService",
            "identifier": [{"value": cwe[1], "type": {"text": "Cost center"}} for cwe in ldp[12] if cwe[1]],
            "active": {"A": True, "I": False}.get(ldp[6].text),
            "category": present([department]),
            "type": _concepts(ldp, 3, "0069", ctx),
            "specialty": _concepts(ldp, 4, "0265", ctx),
            "location": [ctx.reference(place, place_name(ldp[1].first))],
            "name": concept_name(department),
            "comment": ", ".join(concept_name(one) for one in _concepts(ldp, 12, "0462", ctx)),
            "telecom": lines(ldp[11], ctx),
            "characteristic": _concepts(ldp, 5, "0004", ctx),
            "availableTime": each(ldp[10], _hours, ctx),
            "notAvailable": _unavailable(ldp, ctx),
        },
        place["id"],
        ldp[2].text,
    )


def _unavailable(ldp: Segment, ctx: Context) -> list[Json]:
    """The time before it began and that since it ended."""
    begun, ended = field_datetime(ldp[7], ctx), field_datetime(ldp[8], ctx)
    before = {"description": "Not yet active", "during": {"end": begun}} if begun else None
    reason = ldp[9].text or "Not active any more"
    after = {"description": reason, **({"during": {"start": ended}} if ended else {})} if ended or ldp[9] else None
    return present([before, after])


def _hours(hours: Repetition, ctx: Context) -> Json:
    """VH: first and last day, first and last hour."""
    first, last, opens, closes = hours.texts(4)
    days = [day for name, day in _DAYS.items() if name in {first.upper()[:3], last.upper()[:3]}]
    if len(days) == 2 and _DAYS.get(first.upper()[:3]) == days[0]:
        days = _WEEK[_WEEK.index(days[0]) : _WEEK.index(days[1]) + 1]
    return compact(
        {
            "daysOfWeek": days,
            "availableStartTime": tm_time(opens, ctx, f"{hours.path}.3") if opens else "",
            "availableEndTime": tm_time(closes, ctx, f"{hours.path}.4") if closes else "",
        }
    )


def _concepts(one: Segment, number: int, table: str, ctx: Context) -> list[Json]:
    return [found for cwe in one[number] if (found := cwe_codeableconcept(cwe, ctx, untranslated(table)))]


def _characteristic(feature: Json) -> Json:
    return {"url": _CHARACTERISTIC, "valueCodeableConcept": feature}
