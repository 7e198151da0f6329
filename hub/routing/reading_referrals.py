"""Orders, tasks and appointments of a bundle as signals to referrals (IHE 360X steps)."""

from collections.abc import Iterator
from dataclasses import replace

from hub.model import Json
from hub.routing.bundle import Resources, coded
from hub.routing.instants import instant
from hub.routing.statements import ReferralSignal, Source

_TASK_STEPS = {
    "draft": "requested",
    "requested": "requested",
    "received": "received",
    "accepted": "accepted",
    "rejected": "declined",
    "cancelled": "cancelled",
    "completed": "note",
}
_BUSINESS_STEPS = {
    "5.1.1": "scheduled",
    "5.1.2": "no-show",
    "5.1.3": "appointment-cancelled",
    "5.1.4": "interim-note",
    "5.2": "cancel-requested",
}
"""Task.businessStatus: the step codes of the Gravity and BSeR state diagram."""

_APPOINTMENT_STEPS = {
    "booked": "scheduled",
    "pending": "scheduled",
    "noshow": "no-show",
    "cancelled": "appointment-cancelled",
    "entered-in-error": "appointment-cancelled",
}


def referral_signals(resources: Resources, order: Json, source: Source) -> Iterator[ReferralSignal]:
    """What a referral order (a ServiceRequest) and its Task say."""
    task = next((t for t in resources.of("Task") if resources.at(t.get("focus")) is order), {})
    step = _step(task)
    if not step:
        return
    placer, filler = resources.keys(order, "PLAC"), resources.keys(order, "FILL")
    others = tuple(k for k in resources.keys(order) if k not in placer + filler)
    performers = order.get("performer", ())
    yield ReferralSignal(
        source=_when_ordered(source, order) if step == "requested" else source,
        step=step,
        keys=placer + others,
        subject=order["id"] if placer else "",
        number=placer[0].rpartition("|")[2] if placer else "",
        learned=filler,
        priority=order.get("priority", ""),
        reason=_reason(order),
        referrer=resources.party([order.get("requester", {})]),
        referred_to=resources.party(performers),
        due=_due(order, task),
        note=_words(task.get("statusReason")),
    )


def appointment_signal(resources: Resources, appointment: Json, source: Source) -> Iterator[ReferralSignal]:
    """What an Appointment says of the referral that it is based on; its own numbers are learned."""
    step = _APPOINTMENT_STEPS.get(appointment.get("status", ""))
    if step is None:
        return
    keys = tuple(dict.fromkeys(_based_on(resources, appointment)))
    yield ReferralSignal(
        source=source,
        step=step,
        keys=keys,
        number=keys[0].rpartition("|")[2] if keys else "",
        learned=resources.keys(appointment, "PLAC", "FILL"),
        appointment_at=appointment.get("start", ""),
        note=_words(appointment.get("cancelationReason")),
    )


def _step(task: Json) -> str:
    if not task:
        return "requested"
    business = _BUSINESS_STEPS.get(coded(task.get("businessStatus")).code, "")
    return business or _TASK_STEPS.get(task.get("status", ""), "")


def _when_ordered(source: Source, order: Json) -> Source:
    """A referral is as old as its order, however late the message about it came."""
    authored = order.get("authoredOn", "")
    if not authored:
        return source
    return replace(source, occurred_at=authored, instant=instant(authored, source.instant))


def _based_on(resources: Resources, appointment: Json) -> Iterator[str]:
    for reference in appointment.get("basedOn", ()):
        if reference.get("identifier", {}).get("value"):
            yield resources.key(reference["identifier"])
        if order := resources.at(reference):
            yield from resources.keys(order)


def _reason(order: Json) -> str:
    return next((_words(reason) for reason in order.get("reasonCode", ())), "")


def _words(concept: Json | None) -> str:
    found = coded(concept)
    return found.text or found.code


def _due(order: Json, task: Json) -> str:
    period = order.get("occurrencePeriod") or task.get("restriction", {}).get("period", {})
    due: str = order.get("occurrenceDateTime") or period.get("end", "")
    return due
