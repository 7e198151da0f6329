"""Rows that are the same as a message of HL7 v2: they are written as one, and its mappers do the rest, so that a visit
of a list and a visit of a feed become the same Encounter and lead to the same notices."""

import re
from dataclasses import replace

from hub.errors import Held, Unreadable
from hub.formats.hl7v2.message import parse
from hub.formats.rows import Kind, RowKind
from hub.mappers.context import Context
from hub.mappers.message import convert_message
from hub.mappers.profile import Profile
from hub.mappers.rows.completing import complete
from hub.mappers.rows.draft import Draft, spot_of
from hub.mappers.rows.row import Row
from hub.model import Conversion, Issue, RawMessage
from hub.settings import Feed, FieldProfile
from hub.settings.profile import place as profile_place

_PATH = re.compile(r"(\w{3})(?:\[(\d+)\])?(?:-(\d+))?")


def message_of_rows(rows: list[Row], kind: RowKind, raw: RawMessage, feed: Feed) -> Conversion:
    """The bundle of the rows. Raises ``Unreadable`` and ``Held``, naming row and field."""
    draft = _draft(rows, kind)
    complete(draft, rows, kind, raw)
    message = parse(draft.written(), "utf-8")
    try:
        made = convert_message(message, _profile(kind, feed), Context(raw, feed, message))
    except (Held, Unreadable) as error:
        error.path = _origin(error.path, draft, rows)
        raise
    return replace(made, issues=tuple(_issue(issue, draft, rows) for issue in made.issues))


def _draft(rows: list[Row], kind: RowKind) -> Draft:
    draft = Draft(kind.message)
    for ordinal, row in enumerate(rows, 1):
        for name in row.fields:
            known = kind.field(name)
            if known is None or name == "event":
                continue
            spot = spot_of(known.place)
            if ordinal > 1 and spot.segment not in draft.repeated:
                continue
            text = row.dtm(name) if known.kind in (Kind.DATE, Kind.TIME) else row[name]
            own = ordinal if spot.segment in draft.repeated else 1
            draft.put(known.place, text, own)
            draft.origins.setdefault((spot.segment, own, spot.field), row.path(name))
    return draft


def _issue(issue: Issue, draft: Draft, rows: list[Row]) -> Issue:
    return replace(issue, path=_origin(issue.path, draft, rows))


def _origin(path: str, draft: Draft, rows: list[Row]) -> str:
    """``row 12: sex`` for ``PID-8``; a place that no field stands for is named itself."""
    if not (match := _PATH.match(path)):
        return path
    ordinal = int(match[2] or 1)
    return draft.origins.get((match[1], ordinal, int(match[3] or 0)), f"row {rows[0].line}: {path}")


_profiles: dict[tuple[int, str], tuple[Feed, Profile]] = {}


def _profile(kind: RowKind, feed: Feed) -> Profile:
    """What the feed's profile changes: by places of HL7 v2, and the ``codes`` of fields by their names."""
    named = {name: meanings for name, meanings in feed.codes.items() if name in kind.fields and name != "event"}
    if not named:
        return feed.profile
    known = _profiles.get((id(feed), kind.name))
    if known is None:
        made = {name: list(changed) for name, changed in feed.profile.items()}
        for name, meanings in named.items():
            where = profile_place(kind.fields[name].place)
            made.setdefault(where.segment, []).append(FieldProfile(where, codes=meanings))
        if len(_profiles) >= 256:
            _profiles.clear()
        known = _profiles[id(feed), kind.name] = (feed, {name: tuple(changed) for name, changed in made.items()})
    return known[1]
