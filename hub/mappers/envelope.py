"""What surrounds the resources of every conversion: MessageHeader, Provenance, OperationOutcome and the Bundle itself
(FHIR R4, section 2.5 "Messaging"; Bundle type ``message``)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.errors import Held
from hub.fhir.build import URN, compact, reference
from hub.fhir.ids import uri
from hub.fhir.systems import SENDER
from hub.mappers.context import Context
from hub.mappers.datatypes.dtm_datetime import instant_of
from hub.mappers.provenance import participant
from hub.model import Conversion, Issue, Json, Severity, stable_id

MAPPER_VERSION = "2"
"""Rises with a release in which the same message becomes another bundle than in the one before: once, however many
mappers have changed. It is recorded in every Provenance."""

_ISSUE_TYPES = {
    "invalid-time": "value",
    "unmapped-code": "code-invalid",
    "unknown-coding-system": "code-invalid",
    "unmapped-segment": "not-supported",
    "unmapped-type": "not-supported",
    "required": "required",
    "100": "structure",
    "101": "required",
    "value": "value",
}
"""Our issue codes to those of OperationOutcome.issue.code (FHIR R4 IssueType, required)."""


@dataclass(slots=True)
class Header:
    """What the sender says of the message itself.

    ``event`` is a Coding; ``source`` the name of an application, ``source_members`` what else is known of it,
    ``destinations`` elements of MessageHeader; ``sender`` the Organization and ``location`` the Location of the event
    in the bundle; ``activity`` a CodeableConcept, where the event is called otherwise, too; ``occurred`` a FHIR
    dateTime; ``recorded``, when it was entered, and ``sent`` are instants (empty: when it was received).
    """

    event: Json
    source: str
    source_uri: str = ""
    source_members: Json = field(default_factory=dict)
    destinations: tuple[Json, ...] = ()
    sender: Json | None = None
    occurred: str = ""
    recorded: str = ""
    sent: str = ""
    location: Json | None = None
    agents: tuple[Json, ...] = ()
    tags: tuple[Json, ...] = ()
    security: tuple[Json, ...] = ()
    members: Json = field(default_factory=dict)
    activity: Json = field(default_factory=dict)


def agent(kind: str, who: Json) -> Json:
    """Provenance.agent: someone (a Reference) in the role of ``author``, ``enterer`` or ``assembler``."""
    return {"type": participant(kind), "who": who}


_HUB = agent(
    "assembler",
    {"identifier": {"system": "urn:carering:mapper", "value": MAPPER_VERSION}, "display": "Carering"},
)


def conversion(ctx: Context, header: Header, head: Json | None = None) -> Conversion:
    """The finished bundle: header, then the resources in the order of their first mention, Provenance, outcome.
    ``head`` is the MessageHeader of a message that brings its own."""
    head = head or _message_header(ctx, header)
    resources = [head, *ctx.resources.values(), _provenance(ctx, header, head)]
    if ctx.issues:
        resources.append(operation_outcome(ctx.raw.id, ctx.issues))
    return Conversion(_bundle(ctx, header, resources), tuple(ctx.issues))


def invalid(problems: Sequence[tuple[str, str]]) -> Held:
    """A bundle that is not valid FHIR R4 is held, and says where it is not."""
    (path, text), *others = problems
    more = f" (and {len(others)} more)" if others else ""
    return Held(f"not valid FHIR R4: {text}{more}", code="invalid-fhir", path=path, findings=problems)


def control_identifier(sender: str, control_id: str) -> Json:
    """The Identifier of a message as its sender numbers it."""
    return {"system": SENDER + uri(sender), "value": control_id}


def operation_outcome(message_id: str, issues: list[Issue]) -> Json:
    """What was noticed; ``expression`` holds v2 paths, ``diagnostics`` no patient data (promise P9)."""
    return {
        "resourceType": "OperationOutcome",
        "id": stable_id("OperationOutcome", message_id),
        "issue": [_issue(issue) for issue in issues],
    }


def _issue(issue: Issue) -> Json:
    return compact(
        {
            "severity": issue.severity.value,
            "code": _ISSUE_TYPES.get(issue.code, "processing" if issue.severity is Severity.ERROR else "informational"),
            "details": {"coding": [{"system": "urn:carering:issue", "code": issue.code}]},
            "diagnostics": issue.text,
            "expression": [issue.path] if issue.path else None,
        }
    )


def _message_header(ctx: Context, header: Header) -> Json:
    source = {
        "name": header.source,
        **header.source_members,
        "endpoint": header.source_uri or SENDER + uri(ctx.raw.sender),
    }
    return compact(
        {
            "resourceType": "MessageHeader",
            "id": stable_id("MessageHeader", ctx.raw.id),
            "meta": compact({"security": list(header.security), "tag": list(header.tags)}),
            "eventCoding": header.event,
            "destination": list(header.destinations),
            "sender": reference(header.sender, header.sender.get("name", "")) if header.sender else None,
            "source": compact(source),
            **header.members,
            "focus": [reference(resource) for resource in ctx.focus],
        }
    )


def _provenance(ctx: Context, header: Header, head: Json) -> Json:
    """Who said it, when it happened and when it was written down; the message by control id and hash."""
    author = reference(header.sender) if header.sender else {"display": header.source or ctx.feed.name}
    return compact(
        {
            "resourceType": "Provenance",
            "id": stable_id("Provenance", ctx.raw.id),
            "target": [reference(head), *([ctx.subject] if ctx.subject else ())],
            "occurredDateTime": header.occurred,
            "recorded": header.recorded or header.sent or instant_of(ctx.raw.received_at),
            "location": reference(header.location) if header.location else None,
            "activity": header.activity,
            "agent": [agent("author", author), *header.agents, _HUB],
            "entity": [
                _source(control_identifier(ctx.raw.sender, ctx.raw.control_id)) if ctx.raw.control_id else None,
                _source({"system": "urn:carering:sha256", "value": ctx.raw.sha256}),
            ][0 if ctx.raw.control_id else 1 :],
        }
    )


def _source(identifier: Json) -> Json:
    return {"role": "source", "what": {"identifier": identifier}}


def _bundle(ctx: Context, header: Header, resources: list[Json]) -> Json:
    return {
        "resourceType": "Bundle",
        "id": stable_id("Bundle", ctx.raw.id),
        "identifier": control_identifier(ctx.raw.sender, ctx.raw.control_id or ctx.raw.id),
        "type": "message",
        "timestamp": header.sent or header.recorded or instant_of(ctx.raw.received_at),
        "entry": [{"fullUrl": URN + resource["id"], "resource": resource} for resource in resources],
    }
