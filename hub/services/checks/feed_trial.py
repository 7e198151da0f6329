"""What a feed would make of a file, before anything goes live (``hub feed try``): nothing is stored, nobody is told."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hub.errors import Unreadable
from hub.formats.rows import plan_of, read_body, row_messages
from hub.model import Format, Json, RawMessage, Severity
from hub.services.conversion.converted import PANEL, panel_row
from hub.services.conversion.files import converted, messages_in, pieces, received
from hub.settings import Feed


@dataclass(frozen=True, slots=True)
class Remark:
    """What the conversion noticed: severity, place (``PID-8``, ``dob``) and words."""

    severity: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One message or row: the fields of its ``rows`` as they are understood, the resources that it becomes by type, and
    the remarks. ``fit`` says whether the hub would act on it; otherwise it would be held."""

    name: str
    rows: tuple[Json, ...]
    becomes: dict[str, int]
    remarks: tuple[Remark, ...]
    fit: bool


@dataclass(slots=True)
class TrialReport:
    """The first trials one by one, and the sums over all: messages, those that would be held, resources by type,
    remarks with how often they were made. ``unknown`` says which columns of a table no field takes."""

    shown: list[Trial] = field(default_factory=list)
    messages: int = 0
    held: int = 0
    becomes: Counter[str] = field(default_factory=Counter)
    remarks: Counter[Remark] = field(default_factory=Counter)
    unknown: tuple[str, ...] = ()

    def as_json(self) -> Json:
        """The report for programs."""
        return {
            "messages": self.messages,
            "held": self.held,
            "becomes": dict(self.becomes),
            "remarks": [{**asdict(remark), "times": times} for remark, times in self.remarks.most_common()],
            "unknown": self.unknown,
            "shown": [asdict(trial) for trial in self.shown],
        }


def try_feed(feed: Feed, file: Path, limit: int) -> TrialReport:
    """Tries all messages of a file; the first ``limit`` are in the report one by one.

    Raises ``Unreadable`` for a file that is not what the feed says, and ``OSError``.
    """
    report = TrialReport(unknown=_unknown(feed, file))
    for trial in _trials(feed, file):
        report.messages += 1
        report.held += not trial.fit
        report.becomes.update(trial.becomes)
        report.remarks.update(trial.remarks)
        if len(report.shown) < limit:
            report.shown.append(trial)
    return report


def _unknown(feed: Feed, file: Path) -> tuple[str, ...]:
    if feed.format is not Format.CSV:
        return ()
    return row_messages(pieces(file), feed, file.name).unused


def _trials(feed: Feed, file: Path) -> Iterator[Trial]:
    for name, raw in messages_in(file, feed, received(file)):
        if raw.type == PANEL:
            yield _panel_trial(name, raw, feed)
            continue
        resources = [entry["resource"] for entry in converted(raw, feed.within(raw.sender))["entry"]]
        kinds = Counter(resource["resourceType"] for resource in resources)
        remarks = tuple(_remarks(resources))
        del kinds["OperationOutcome"]
        fit = not any(remark.severity == Severity.ERROR for remark in remarks)
        yield Trial(name, _fields(raw, feed), dict(kinds), remarks, fit)


def _panel_trial(name: str, raw: RawMessage, feed: Feed) -> Trial:
    """A row of a panel becomes no bundle; whose it is shows only when it is loaded."""
    try:
        invalid, path = panel_row(raw, feed).invalid, ""
    except Unreadable as error:
        invalid, path = str(error), error.path
    remarks = (Remark(Severity.ERROR, path, invalid),) if invalid else ()
    return Trial(name, _fields(raw, feed), {} if invalid else {"panel row": 1}, remarks, not invalid)


def _fields(raw: RawMessage, feed: Feed) -> tuple[Json, ...]:
    """The rows of a message by their fields."""
    if raw.format is not Format.CSV:
        return ()
    said = read_body(raw.body)
    plan = plan_of(said.head, feed) if said.rows else None
    return tuple(plan.fields(cells) for _, cells in said.rows) if plan else ()


def _remarks(resources: list[Json]) -> Iterator[Remark]:
    """What the hub noticed: its own outcome is the last resource, one before it the sender's of another message."""
    last = resources[-1]
    for issue in last["issue"] if last["resourceType"] == "OperationOutcome" else ():
        place = next(iter(issue.get("expression", [])), "")
        yield Remark(issue["severity"], place, issue.get("diagnostics", ""))
