"""A feed's profile at work: fields are repaired, filled and translated before any mapper sees them, so that no mapper
knows of it. What was changed is noted with its path."""

from collections.abc import Mapping
from typing import TypeAlias

from hub.formats.hl7v2.escapes import escape
from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import NULL, Segment, Syntax
from hub.mappers.context import Context
from hub.settings import FieldProfile, Meaning

_SENT = ((3, 5), (9, 11))
"""Where a CWE has room for the code as sent and for the name of its system (``L``), counted from 0."""


Profile: TypeAlias = Mapping[str, tuple[FieldProfile, ...]]
"""What is changed, by segment."""


def apply_profile(message: Message, profile: Profile, ctx: Context) -> None:
    """Rewrites the fields of the message of which the profile says something."""
    for segment in message.segments:
        for changed in profile.get(segment.name, ()):
            _field(segment, changed, ctx)


def _field(segment: Segment, changed: FieldProfile, ctx: Context) -> None:
    number, syntax = changed.place.field, segment.syntax
    sent = segment.raws[number] if number < len(segment.raws) else ""
    if sent == NULL:
        return
    parts = sent.split(syntax.repetition) if syntax.repetition else [sent]
    made = [_repetition(part, changed, _path(segment, changed, n), ctx, syntax) for n, part in enumerate(parts, 1)]
    if made != parts:
        segment.rewrite(number, syntax.repetition.join(made))


def _path(segment: Segment, changed: FieldProfile, repetition: int) -> str:
    """``PID-3[2].4``"""
    below = [f".{number}" for number in changed.place[2:] if number]
    return "".join((segment.path(changed.place.field), f"[{repetition}]" if repetition > 1 else "", *below))


def _repetition(raw: str, changed: FieldProfile, path: str, ctx: Context, syntax: Syntax) -> str:
    """One repetition, its value at the place repaired, filled or translated. A component is filled only beside others:
    an authority without a number says nothing."""
    at, below = max(changed.place.component - 1, 0), max(changed.place.subcomponent - 1, 0)
    components = raw.split(syntax.component)
    components += [""] * (at + 1 - len(components))
    parts = components[at].split(syntax.subcomponent) if syntax.subcomponent else [components[at]]
    parts += [""] * (below + 1 - len(parts))
    if parts[below] == NULL or (at and not raw.strip(syntax.within)):
        return raw
    sent = syntax.decoded(parts[below])
    text = _repaired(sent, changed, path, ctx) or _default(changed, path, ctx)
    meaning = changed.codes.get(text) if changed.codes and text else None
    parts[below] = _written(meaning.code if meaning else text, syntax) if meaning or text != sent else parts[below]
    components[at] = syntax.subcomponent.join(parts)
    if meaning:
        ctx.inform(path, "translated", "a local code was translated as the feed's profile says")
        if at == 0:
            _beside(components, meaning, text, syntax)
    return syntax.component.join(components).rstrip(syntax.component) if meaning or text != sent else raw


def _repaired(text: str, changed: FieldProfile, path: str, ctx: Context) -> str:
    for repair in changed.repairs if text else ():
        made = repair.change(text)
        if made != text:
            ctx.inform(path, "repaired", f"the value was changed as the feed's profile says: {repair.name}")
        text = made
    return text


def _default(changed: FieldProfile, path: str, ctx: Context) -> str:
    if changed.default:
        ctx.inform(path, "defaulted", "the value was empty and is the default of the feed's profile")
    return changed.default


def _beside(components: list[str], meaning: Meaning, sent: str, syntax: Syntax) -> None:
    """What the code means as the first coding of the CWE, and the code as sent as its second or third."""
    components += [""] * (12 - len(components))
    words, name = components[1], components[2]
    components[1] = _written(meaning.display, syntax)
    components[2] = _written(meaning.system, syntax)
    for code, system in _SENT:
        if not any(components[code : system + 1]):
            components[code : system + 1] = [_written(sent, syntax), words, name or "L"]
            return


def _written(text: str, syntax: Syntax) -> str:
    """The text as it stands in a message; without an escape character what would split is a blank."""
    if not syntax.escape:
        return text.translate(dict.fromkeys(map(ord, syntax.within + syntax.field + "\r\n"), " "))
    return escape(text, syntax.delimiters)
