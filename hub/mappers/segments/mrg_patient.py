"""MRG → the Patient that is given up in favour of another, or the former numbers of one (HL7 v2.9, chapter 3.4.7)."""

from hub.fhir.build import complete
from hub.fhir.ids import identifier_key
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.datatypes import each
from hub.mappers.datatypes.cx_identifier import cx_identifier
from hub.mappers.datatypes.xpn_humanname import full_name, xpn_humanname
from hub.mappers.dispatch import segment
from hub.mappers.provenance import provenance
from hub.mappers.segments.mrg_account import mrg_old_account
from hub.mappers.segments.mrg_encounter import mrg_visit
from hub.mappers.segments.zzz_basic import zzz_basic
from hub.model import Json


def mrg_patient(mrg: Segment, survivor: Json, ctx: Context) -> Json | None:
    """Adds the retired Patient (MRG-1, -2, -4, -7), inactive, and links both; None, with an error, where MRG names
    nobody, or the survivor himself."""
    identifiers = _identifiers(mrg, ctx)
    if not identifiers:
        ctx.error(mrg.path(1), "101", "no identifier of the patient to be merged")
        return None
    if _shared(identifiers, survivor, ctx):
        ctx.error(mrg.path(1), "merge-with-itself", "the patient is to be merged with itself")
        return None
    retired = ctx.add(
        {
            "resourceType": "Patient",
            "identifier": identifiers,
            "active": False,
            "name": each(mrg[7], xpn_humanname, ctx),
            "link": [{"other": ctx.reference(survivor), "type": "replaced-by"}],
        },
        identifier_key(identifiers[0], ctx.feed.name),
    )
    complete(survivor, {"link": [{"other": ctx.reference(retired), "type": "replaces"}]})
    return retired


def mrg_old_identifiers(mrg: Segment, patient: Json, ctx: Context) -> None:
    """The identifiers of MRG-1, -2 and -4 as former ones of the same Patient (A47: the identifier list changes), and
    the name of MRG-7 if it was another."""
    known = {full_name(name) for name in patient.get("name", ())}
    names = [{**name, "use": "old"} for name in each(mrg[7], xpn_humanname, ctx) if full_name(name) not in known]
    former = [{**one, "use": "old"} for one in _identifiers(mrg, ctx) if one not in patient.get("identifier", ())]
    complete(patient, {"identifier": former, **({"name": names} if names else {})})


def mrg_source(mrg: Segment, moved: Json, activity: str, ctx: Context) -> None:
    """The other Patient whom MRG names, where something of his becomes that of the patient of the message, as the
    Provenance of ``moved`` says. He lives on and is not linked: that both are one person nobody says."""
    identifiers = _identifiers(mrg, ctx)
    if not identifiers or ctx.patient is None or _shared(identifiers, ctx.patient, ctx):
        return
    names = each(mrg[7], xpn_humanname, ctx)
    other = ctx.add(
        {"resourceType": "Patient", "identifier": identifiers, "name": names},
        identifier_key(identifiers[0], ctx.feed.name),
    )
    provenance(moved, activity, [], ctx, entity=[{"role": "source", "what": ctx.reference(other)}])


@segment("MRG")
def mrg_alone(mrg: Segment, ctx: Context) -> Json | None:
    """An MRG in a message that is no merge names another record; what became of it is not said."""
    if ctx.patient is None:
        zzz_basic(mrg, ctx)
        return None
    mrg_source(mrg, ctx.patient, "named with a prior record", ctx)
    mrg_old_account(mrg, ctx)
    mrg_visit(mrg, ctx.encounter, ctx)
    return ctx.patient


def _identifiers(mrg: Segment, ctx: Context) -> list[Json]:
    found = [one for field in (mrg[1], mrg[4], mrg[2]) for one in each(field, cx_identifier, ctx)]
    return [one for at, one in enumerate(found) if one not in found[:at]]


def _shared(identifiers: list[Json], survivor: Json, ctx: Context) -> bool:
    """Whether both name the same number of the same authority."""
    known = {identifier_key(one, ctx.feed.name) for one in survivor.get("identifier", ())}
    return any(identifier_key(one, ctx.feed.name) in known for one in identifiers)
