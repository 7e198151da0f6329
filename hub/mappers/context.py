"""What every mapper gets beside its segment: the feed, the bundle under construction, and the list of issues."""

from dataclasses import dataclass, field

from hub.fhir.build import compact, complete, extension, reference, token
from hub.fhir.codes import Table
from hub.fhir.systems import REMOVED
from hub.formats.hl7v2.message import NULL, Message, Segment
from hub.model import Issue, Json, RawMessage, Severity, stable_id
from hub.settings import Feed


@dataclass(slots=True)
class Context:
    """One conversion under way.

    ``resources`` holds one resource per real entity, by its id and in the order of their first mention; ``patient``,
    ``encounter``, ``account`` and ``facility`` are those the message is about; ``focus`` becomes
    ``MessageHeader.focus``. ``trigger`` is the v2 event (``A04``) and ``event_time`` when it happened, as a FHIR
    dateTime. ``noted`` are the ``issues``, each once. ``taken`` are the names of the segments that a mapper has asked
    for; the others are kept as they are.
    """

    raw: RawMessage
    feed: Feed
    message: Message | None = None
    trigger: str = ""
    event_time: str = ""
    patient: Json | None = None
    encounter: Json | None = None
    account: Json | None = None
    facility: Json | None = None
    focus: list[Json] = field(default_factory=list)
    resources: dict[str, Json] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    noted: set[Issue] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)

    def first(self, name: str) -> Segment | None:
        """The first segment of that name, which hereby counts as mapped."""
        self.taken.add(name)
        return self.message.first(name) if self.message else None

    def all(self, name: str) -> list[Segment]:
        """All segments of that name, which hereby count as mapped."""
        self.taken.add(name)
        return list(self.message.all(name)) if self.message else []

    def add(self, resource: Json, *identity: str) -> Json:
        """Puts a resource into the bundle and returns it with its id, a ``stable_id`` over type and ``identity``.

        What is already there under that id is completed, not doubled.
        """
        kind = resource["resourceType"]
        return self.keep({"resourceType": kind, "id": stable_id(kind, *identity), **compact(resource)})

    def keep(self, resource: Json) -> Json:
        """Puts a resource into the bundle that has its id already; ``resource`` itself is never changed."""
        known = self.resources.get(resource["id"])
        if known is None:
            known = self.resources[resource["id"]] = dict(resource)
        else:
            complete(known, resource)
        return known

    def reference(self, resource: Json, display: str = "") -> Json:
        """A Reference (``urn:uuid:…``) to a resource of this bundle."""
        return reference(resource, display)

    @property
    def subject(self) -> Json | None:
        """The Reference to the patient, if the message has one."""
        return reference(self.patient) if self.patient else None

    @property
    def visit(self) -> Json | None:
        """The Reference to the encounter, if the message has one."""
        return reference(self.encounter) if self.encounter else None

    def warn(self, path: str, code: str, text: str) -> None:
        """Notes what could not be mapped as sent; ``text`` carries no patient data."""
        self._note(Severity.WARNING, path, code, text)

    def inform(self, path: str, code: str, text: str) -> None:
        """Notes what a reader of the bundle should know, without anything being wrong."""
        self._note(Severity.INFORMATION, path, code, text)

    def translate(self, table: Table, value: str, path: str) -> str:
        """The code that a v2 value means in the table's target system; empty where it has none: as the guide says,
        or, with a warning, because the value is not in the table."""
        if not (value := token(value)):
            return ""
        for code in (value, value.upper()):
            if code in table.codes:
                return table.codes[code]
        self.warn(path, "unmapped-code", f"the code is not in HL7 table {table.number}")
        return ""

    def removals(self, segment: Segment) -> list[Json]:
        """One extension for each field that the sender deletes (explicit null ``""``)."""
        if NULL not in segment.raw:
            return []
        return [extension(REMOVED, "String", field.path) for field in segment if field.is_null]

    def _note(self, severity: Severity, path: str, code: str, text: str) -> None:
        issue = Issue(severity, code, path, text)
        if issue not in self.noted:
            self.noted.add(issue)
            self.issues.append(issue)
