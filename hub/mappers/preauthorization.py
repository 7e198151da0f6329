"""What an insurer said: that the coverage is in force and how far it goes (CoverageEligibilityResponse), and what it
authorized beforehand (ClaimResponse, use ``preauthorization``)."""

from hub.fhir.build import compact, complete
from hub.fhir.systems import TERMINOLOGY
from hub.mappers.billing import ABSENT
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import instant_of
from hub.model import Json

_INSTITUTIONAL = {"coding": [{"system": TERMINOLOGY + "claim-type", "code": "institutional"}]}


def eligibility(coverage: Json, members: Json, items: list[Json], ctx: Context) -> Json:
    """Adds the CoverageEligibilityResponse of a coverage, or completes it; R4 demands a request, which v2 has not."""
    insurance = {"coverage": ctx.reference(coverage)}
    response = ctx.add(
        {
            "resourceType": "CoverageEligibilityResponse",
            "status": "active",
            "purpose": ["benefits"],
            "patient": ctx.whom,
            "created": members.get("created") or ctx.event_time or instant_of(ctx.raw.received_at),
            "request": ABSENT,
            "outcome": "complete",
            "insurer": coverage["payor"][0],
            "insurance": [insurance],
            **members,
        },
        coverage["id"],
    )
    if items:
        line = dict(response["insurance"][0])
        complete(line, {"item": items})
        response["insurance"] = [line]
    return response


def preauthorization(coverage: Json, members: Json, ctx: Context, *identity: str) -> Json:
    """Adds an authorization that the insurer gave."""
    return ctx.add(
        compact(
            {
                "resourceType": "ClaimResponse",
                "status": "active",
                "type": _INSTITUTIONAL,
                "use": "preauthorization",
                "patient": ctx.whom,
                "created": members.get("created") or ctx.event_time or instant_of(ctx.raw.received_at),
                "insurer": coverage["payor"][0],
                "outcome": "complete",
                **{name: value for name, value in members.items() if name != "created"},
            }
        ),
        coverage["id"],
        *identity,
    )
