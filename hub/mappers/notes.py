"""What the mappers of data types get beside their text: whose message it is, and where to note what is wrong in it."""

from hub.fhir.build import extension, identified, reference, token
from hub.fhir.codes import Table
from hub.fhir.systems import REMOVED
from hub.formats.hl7v2.segment import NULL, Field, Segment, Syntax
from hub.model import Issue, Json, Severity
from hub.settings import Feed

_SOURCES = 2048


class Source:
    """A feed and how its message is written, as a key: two feeds are never the same, whatever they are called."""

    __slots__ = ("feed", "syntax")

    def __init__(self, feed: Feed, syntax: Syntax) -> None:
        self.feed = feed
        self.syntax = syntax


_sources: dict[tuple[int, Syntax], Source] = {}


def source_of(feed: Feed, syntax: Syntax) -> Source:
    """The one Source of both; it holds the feed, so that no other object can have its ``id`` meanwhile."""
    known = _sources.get((id(feed), syntax))
    if known is None:
        if len(_sources) >= _SOURCES:
            _sources.clear()
        known = _sources[id(feed), syntax] = Source(feed, syntax)
    return known


class Notes:
    """The feed, and the issues that are noticed; a mapper that needs no more than this can be ``remembered``."""

    __slots__ = ("_noted", "feed", "issues", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.feed = source.feed
        self.issues: list[Issue] = []
        self._noted: set[tuple[str, str, str]] = set()

    def error(self, path: str, code: str, text: str) -> None:
        """Notes what makes the bundle unfit to be acted on: the hub holds the message for a person."""
        self.note(Issue(Severity.ERROR, code, path, text))

    def warn(self, path: str, code: str, text: str) -> None:
        """Notes what could not be mapped as sent; ``text`` carries no patient data."""
        self.note(Issue(Severity.WARNING, code, path, text))

    def inform(self, path: str, code: str, text: str) -> None:
        """Notes what a reader of the bundle should know, without anything being wrong."""
        self.note(Issue(Severity.INFORMATION, code, path, text))

    def note(self, issue: Issue) -> None:
        """Notes an issue, once: a code that is taken as an element of two kinds is said to be unknown once."""
        said = (issue.code, issue.path.removesuffix(".1"), issue.text)
        if said not in self._noted:
            self._noted.add(said)
            self.issues.append(issue)

    def translated(self, table: Table, field: Field) -> str:
        """The code that the text of a field means, as ``translate`` says it."""
        code = table.codes.get(field.raw)
        return self.translate(table, field.text, field.path) if code is None else code

    def translate(self, table: Table, value: str, path: str) -> str:
        """The code that a v2 value means in the table's target system; empty where it has none: as the guide says,
        or because the value is not in the table, which is noted: with a warning where a meaning was due."""
        if value in table.codes:
            return table.codes[value]
        if not (value := token(value)):
            return ""
        for code in (value, value.upper()):
            if code in table.codes:
                return table.codes[code]
        note = self.warn if table.system else self.inform
        note(path, "unmapped-code", f"the code is not in HL7 table {table.number}")
        return ""


class Mentions(Notes):
    """Notes, and the resources that a text mentions, in their order: organizations, clinicians and places, which have
    their ids from the text alone. No one changes them."""

    __slots__ = ("mentioned",)

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.mentioned: list[Json] = []

    def keep(self, resource: Json) -> Json:
        """Takes a resource that has its id already, and returns what stands for it."""
        self.mentioned.append(resource)
        return resource

    def add(self, resource: Json, *identity: str) -> Json:
        """The same for a resource whose id is a ``stable_id`` over its type and ``identity``."""
        return self.keep(identified(resource, *identity))

    def reference(self, resource: Json, display: str = "") -> Json:
        """A Reference (``urn:uuid:…``) to a resource of the same bundle."""
        return reference(resource, display)

    def removals(self, segment: Segment) -> list[Json]:
        """One extension for each field that the sender deletes (explicit null ``""``)."""
        if NULL not in segment.raw:
            return []
        return [extension(REMOVED, "String", field.path) for field in segment if field.is_null]
