"""Orders, tasks and appointments of a bundle as signals to referrals (IHE 360X steps)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hub.fhir.posted.addresses import is_address_key
from hub.model import Json, stable_id
from hub.routing.instants import instant
from hub.routing.reading.bundle import Resources, coded
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
_IN_WORDS = {"expired": "expired", "reviewed": "read"}
"""What the state diagram has no code for: Task.businessStatus says it in words."""
_ORDER_STEPS = {"draft": "", "completed": "", "revoked": "cancelled", "entered-in-error": "cancelled"}
"""ServiceRequest.status where no Task says how far it is; any other asks."""
_NOTES = frozenset({"DocumentReference", "DiagnosticReport"})
"""What Task.output may be of a referral."""

_APPOINTMENT_STEPS = {
    "booked": "scheduled",
    "pending": "scheduled",
    "arrived": "visited",
    "checked-in": "visited",
    "fulfilled": "visited",
    "noshow": "no-show",
    "cancelled": "appointment-cancelled",
    "entered-in-error": "appointment-cancelled",
}


def referral_signals(resources: Resources, order: Json, source: Source) -> Iterator[ReferralSignal]:
    """What a referral order (a ServiceRequest) and its Task say."""
    task = next((t for t in resources.of("Task") if resources.at(t.get("focus")) is order), {})
    step = _step(task) if task else _ORDER_STEPS.get(order.get("status", ""), "requested")
    if not step:
        return
    placer, filler = resources.keys(order, "PLAC"), resources.keys(order, "FILL")
    others = tuple(k for k in resources.keys(order) if k not in placer + filler)
    own = placer or resources.keys(order, "")
    performers = order.get("performer", ())
    yield ReferralSignal(
        source=_when_ordered(source, order) if step == "requested" else source,
        step=step,
        keys=placer + others,
        subject=order["id"] if placer else "",
        number=_number(own),
        learned=filler + resources.keys(task, "RI"),
        priority=order.get("priority", ""),
        reason=_reason(order),
        referrer=resources.party([order.get("requester", {})]),
        referred_to=resources.party(performers),
        due=_due(order, task),
        note=_words(task.get("statusReason")),
        document=_output(resources, task),
    )


def task_signals(resources: Resources, task: Json, source: Source) -> Iterator[ReferralSignal]:
    """What a Task says of an order that is not in the message: it moves a referral that is known, and begins none."""
    orders = (task.get("focus", {}), *task.get("basedOn", ()))
    step = _step(task)
    if not step or any(resources.at(order) for order in orders) or not _may_be_order(task.get("focus", {})):
        return
    keys = resources.named(orders)
    yield ReferralSignal(
        source=source,
        step=step,
        keys=keys,
        number=_number(keys),
        learned=resources.keys(task),
        referred_to=resources.party([task.get("owner", {})]),
        note=_words(task.get("statusReason")),
        document=_output(resources, task),
        opens=False,
    )


def _may_be_order(focus: Json) -> bool:
    return bool(focus.get("type", "ServiceRequest") == "ServiceRequest")


def _output(resources: Resources, task: Json) -> str:
    """The note that a Task puts out: the id of a document or report, here or posted before."""
    for output in task.get("output", ()):
        reference = output.get("valueReference", {})
        found = resources.at(reference)
        if (found or {}).get("resourceType") in _NOTES:
            return str((found or {})["id"])
        if reference.get("type") in _NOTES and is_address_key(key := resources.key(reference.get("identifier", {}))):
            return stable_id(reference["type"], key)
    return ""


def _number(keys: Sequence[str]) -> str:
    """The first of the keys that a person reads as a number."""
    return next((key.rpartition("|")[2] for key in keys if not is_address_key(key)), "")


def appointment_signal(resources: Resources, appointment: Json, source: Source) -> Iterator[ReferralSignal]:
    """What an Appointment says of the referral that it is based on; its own numbers are learned."""
    step = _APPOINTMENT_STEPS.get(appointment.get("status", ""))
    if step is None:
        return
    keys = resources.named(appointment.get("basedOn", ()))
    yield ReferralSignal(
        source=source,
        step=step,
        keys=keys,
        number=_number(keys),
        learned=resources.keys(appointment, "PLAC", "FILL", "RI", ""),
        appointment_at=appointment.get("start", ""),
        note=_words(appointment.get("cancelationReason")),
    )


def _step(task: Json) -> str:
    stated = coded(task.get("businessStatus"))
    business = _IN_WORDS.get(stated.text.casefold(), "") or _BUSINESS_STEPS.get(stated.code, "")
    under_way = "interim-note" if task.get("status") == "in-progress" and "output" in task else ""
    return business or under_way or _TASK_STEPS.get(task.get("status", ""), "")


def _when_ordered(source: Source, order: Json) -> Source:
    """A referral is as old as its order, however late the message about it came."""
    authored = order.get("authoredOn", "")
    if not authored:
        return source
    return replace(source, occurred_at=authored, instant=instant(authored, source.instant))


def _reason(order: Json) -> str:
    return next((_words(reason) for reason in order.get("reasonCode", ())), "")


def _words(concept: Json | None) -> str:
    found = coded(concept)
    return found.text or found.code


def _due(order: Json, task: Json) -> str:
    period = order.get("occurrencePeriod") or task.get("restriction", {}).get("period", {})
    due: str = order.get("occurrenceDateTime") or period.get("end", "")
    return due
