"""ADT events with an MRG: patients, accounts and visits become one, change their numbers, or move to another patient
(HL7 v2.9, chapters 3.3.18, 3.3.30–51 and 3.6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment
from hub.mappers.context import Context
from hub.mappers.segments.mrg_account import mrg_account, mrg_old_account
from hub.mappers.segments.mrg_encounter import mrg_encounter, mrg_visit
from hub.mappers.segments.mrg_patient import mrg_old_identifiers, mrg_patient, mrg_source
from hub.mappers.segments.pid_patient import pid_patient
from hub.mappers.segments.pv1_encounter import pv1_encounter
from hub.model import Json

PATIENTS = {"A18", "A30", "A34", "A36", "A39", "A40"}
"""Two patients become one: MRG names the one that is given up."""
NUMBERS = {"A46", "A47", "A48"}
"""One patient's identifiers change: MRG names the former ones."""
ACCOUNTS = {"A35", "A36", "A41"}
"""Two accounts become one: PID-18 is the one that stays, MRG-3 the other."""
VISITS = {"A42", "A50", "A51"}
"""Two visits become one, or a visit's number changes: MRG-5 and -6 are the former numbers."""
ACCOUNT_NUMBER = "A49"
MOVES = {"A43", "A44", "A45"}
"""Identifiers, an account or a visit of the patient of MRG turn out to be those of the patient of PID."""
MERGERS = PATIENTS | NUMBERS | ACCOUNTS | VISITS | MOVES | {ACCOUNT_NUMBER}


@dataclass(slots=True)
class _Merged:
    """An MRG, the PID it belongs to (the one before it), and the PV1 of its visit."""

    pid: Segment
    mrg: Segment
    pv1: Segment | None


def merge(source: Message, ctx: Context) -> None:
    """All that the MRG segments say, of the patients of a message."""
    first = source.first("PID")
    if first is None:
        return
    if not ctx.all("MRG"):
        ctx.error("MRG", "100", "a merge without MRG")
    for merged in _all_merged(source, first):
        if merged.pid.line in ctx.taken:
            ctx.turn_to(merged.pid)
        else:
            pid_patient(ctx.take(merged.pid), ctx)
        _merge(merged, _visit(merged.pv1, ctx), ctx)
    ctx.turn_to(first)


def _all_merged(source: Message, first: Segment) -> Iterator[_Merged]:
    pid, found = first, None
    for segment in source.segments:
        if segment.name == "MRG":
            if found:
                yield found
            found = _Merged(pid, segment, None)
        elif segment.name == "PID":
            if found:
                yield found
            pid, found = segment, None
        elif segment.name == "PV1" and found and found.pv1 is None:
            found.pv1 = segment
    if found:
        yield found


def _visit(pv1: Segment | None, ctx: Context) -> Json | None:
    if pv1 is None:
        return ctx.encounter
    if pv1.line in ctx.taken:
        return ctx.visit_at(pv1)
    return pv1_encounter(ctx.take(pv1), ctx)


def _merge(merged: _Merged, visit: Json | None, ctx: Context) -> None:
    """What becomes of the patient, the account and the visit that MRG names. A retired patient's visit is the
    survivor's; his account stays his, unless the event is about the accounts too."""
    patient, mrg, event = ctx.patient, merged.mrg, ctx.trigger
    assert patient is not None, "its PID was mapped"
    if event in PATIENTS:
        retired = mrg_patient(mrg, patient, ctx)
        if retired is None:
            return
        mrg_account(mrg, retired, ctx.account if event in ACCOUNTS else None, ctx)
        mrg_encounter(mrg, ctx)
        return
    if event in ACCOUNTS:
        mrg_account(mrg, patient, ctx.account, ctx)
    else:
        mrg_old_account(mrg, ctx)
    if event == "A45" and visit is None:
        visit = mrg_encounter(mrg, ctx)
    mrg_visit(mrg, visit, ctx)
    if event in NUMBERS:
        mrg_old_identifiers(mrg, patient, ctx)
    else:
        about = {"A44": ctx.account, "A41": ctx.account, "A45": visit, "A42": visit}.get(event) or patient
        mrg_source(mrg, about, "moved from another patient", ctx)
