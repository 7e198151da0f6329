"""The draft Claim of a visit or of a coverage: where billing data stands that no other resource has a place for
(FHIR R4, Claim: "used by providers and payors to exchange the financial information")."""

from hub.fhir.build import compact, complete, concept
from hub.fhir.codes import DATA_ABSENT
from hub.fhir.systems import TERMINOLOGY
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import instant_of
from hub.model import Json, stable_id

ABSENT = {"extension": [{"url": DATA_ABSENT, "valueCode": "unknown"}]}
_PRIORITY = concept(TERMINOLOGY + "processpriority", "normal", "Normal")
_INSTITUTIONAL = concept(TERMINOLOGY + "claim-type", "institutional", "Institutional")


def visit_claim(ctx: Context) -> Json:
    """The Claim that is being prepared for the visit, else the account, else the patient."""
    covered = [
        resource
        for resource in ctx.resources.values()
        if resource["resourceType"] == "Coverage" and resource["beneficiary"] == ctx.whom
    ]
    return _claim(_billed(ctx), covered, ctx)


def coverage_claim(coverage: Json, ctx: Context) -> Json:
    """The Claim that is being prepared for one coverage."""
    return _claim(coverage["id"], [coverage], ctx)


def account_of(ctx: Context) -> Json:
    """The Account of the message (PID-18); without a number it is the account of the visit, else of the patient."""
    if ctx.account is not None:
        return ctx.account
    account = ctx.add({"resourceType": "Account", "status": "unknown", "subject": [ctx.whom]}, ctx.stay)
    if ctx.encounter is not None:
        complete(ctx.encounter, {"account": [ctx.reference(account)]})
    return account


def insure(coverage: Json, ctx: Context) -> None:
    """Names a further Coverage in the Account and in the Claim of the visit, if there are any."""
    if ctx.account is not None:
        line = {"coverage": ctx.reference(coverage), "priority": coverage.get("order")}
        complete(ctx.account, {"coverage": [compact(line)]})
    claim = ctx.resources.get(stable_id("Claim", _billed(ctx)))
    if claim is None:
        return
    known = [line for line in claim["insurance"] if "reference" in line["coverage"]]
    reference = ctx.reference(coverage)
    if all(line["coverage"] != reference for line in known):
        claim["insurance"] = [*known, _insurance(len(known) + 1, reference)]


def inform(claim: Json, information: list[Json]) -> None:
    """Adds supporting information to a Claim, numbered on; what it says already is not said twice."""
    lines = claim.setdefault("supportingInfo", [])
    said = [{name: value for name, value in line.items() if name != "sequence"} for line in lines]
    for one in information:
        if one not in said:
            said.append(one)
            lines.append({"sequence": len(lines) + 1, **one})
    if not lines:
        del claim["supportingInfo"]


def numbered(claim: Json, member: str, line: Json) -> int:
    """Adds a line to a numbered list of a Claim (``diagnosis``, ``procedure``, ``item``); returns its number."""
    lines = claim.setdefault(member, [])
    for known in lines:
        if {name: value for name, value in known.items() if name != "sequence"} == line:
            return int(known["sequence"])
    lines.append({"sequence": len(lines) + 1, **line})
    return len(lines)


def _billed(ctx: Context) -> str:
    """The id of what is billed: the visit, else the account, else the patient."""
    return str(ctx.account["id"]) if ctx.account and not ctx.encounter else ctx.stay


def _claim(about: str, covered: list[Json], ctx: Context) -> Json:
    if known := ctx.resources.get(stable_id("Claim", about)):
        return known
    facility = ctx.facility
    insurance = [_insurance(at, ctx.reference(one)) for at, one in enumerate(covered, 1)]
    return ctx.add(
        {
            "resourceType": "Claim",
            "status": "draft",
            "type": _INSTITUTIONAL,
            "use": "claim",
            "patient": ctx.whom,
            "created": ctx.event_time or instant_of(ctx.raw.received_at),
            "provider": ctx.reference(facility, facility.get("name", "")) if facility else ABSENT,
            "priority": _PRIORITY,
            "insurance": insurance or [_insurance(1, ABSENT)],
        },
        about,
    )


def _insurance(number: int, coverage: Json) -> Json:
    return {"sequence": number, "focal": number == 1, "coverage": coverage}
