"""What every mapper of a segment gets beside it: the feed, the bundle under construction, and the list of issues."""

from hub.fhir.build import compact, complete, extension, reference
from hub.fhir.systems import REMOVED
from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import NULL, STANDARD_SYNTAX, Segment
from hub.mappers.notes import Notes, source_of
from hub.model import Json, RawMessage, stable_id
from hub.settings import Feed


class Context(Notes):
    """One conversion under way.

    ``resources`` holds one resource per real entity, by its id and in the order of their first mention; ``patient``,
    ``encounter``, ``account`` and ``facility`` are those the message is about, ``subject`` and ``visit`` the References
    to the first two; ``focus`` becomes ``MessageHeader.focus``. ``trigger`` is the v2 event (``A04``) and
    ``event_time`` when it happened, as a FHIR dateTime. ``taken`` are the lines of the segments that a mapper has asked
    for; the others are mapped one by one at the end.
    """

    def __init__(self, raw: RawMessage, feed: Feed, message: Message | None = None) -> None:
        super().__init__(source_of(feed, message.syntax if message else STANDARD_SYNTAX))
        self.raw = raw
        self.message = message
        self.trigger = ""
        self.event_time = ""
        self.subject: Json | None = None
        self.visit: Json | None = None
        self.patient = None
        self.encounter = None
        self.account: Json | None = None
        self.facility: Json | None = None
        self.focus: list[Json] = []
        self.resources: dict[str, Json] = {}
        self.taken: set[int] = set()
        self._kept: dict[str, Json] = {}

    @property
    def patient(self) -> Json | None:
        return self._patient

    @patient.setter
    def patient(self, patient: Json | None) -> None:
        self._patient = patient
        self.subject = reference(patient) if patient else None

    @property
    def encounter(self) -> Json | None:
        return self._encounter

    @encounter.setter
    def encounter(self, encounter: Json | None) -> None:
        self._encounter = encounter
        self.visit = reference(encounter) if encounter else None

    def first(self, name: str) -> Segment | None:
        """The first segment of that name, which hereby counts as mapped."""
        segment = self.message.first(name) if self.message else None
        return self.take(segment) if segment else None

    def all(self, name: str) -> list[Segment]:
        """All segments of that name, which hereby count as mapped."""
        return [self.take(segment) for segment in self.message.all(name)] if self.message else []

    def take(self, segment: Segment) -> Segment:
        """The segment, which hereby counts as mapped."""
        self.taken.add(segment.line)
        return segment

    def add(self, resource: Json, *identity: str) -> Json:
        """Puts a resource into the bundle and returns it with its id, a ``stable_id`` over type and ``identity``.

        What is already there under that id is completed, not doubled.
        """
        kind = resource["resourceType"]
        made = {"resourceType": kind, "id": stable_id(kind, *identity), **compact(resource)}
        known = self.resources.setdefault(made["id"], made)
        if known is not made:
            complete(known, made)
        return known

    def keep(self, resource: Json) -> Json:
        """Puts a resource into the bundle that has its id already; ``resource`` itself is never changed."""
        identity = resource["id"]
        known = self.resources.get(identity)
        if known is None:
            known = self.resources[identity] = dict(resource)
        elif self._kept.get(identity) is not resource:
            complete(known, resource)
        self._kept[identity] = resource
        return known

    def reference(self, resource: Json, display: str = "") -> Json:
        """A Reference (``urn:uuid:…``) to a resource of this bundle."""
        return reference(resource, display)

    def removals(self, segment: Segment) -> list[Json]:
        """One extension for each field that the sender deletes (explicit null ``""``)."""
        if NULL not in segment.raw:
            return []
        return [extension(REMOVED, "String", field.path) for field in segment if field.is_null]
