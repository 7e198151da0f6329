"""A part of a message as a message of its own: one of several patients with his visit, one appointment."""

from hub.formats.hl7v2.message import Message
from hub.formats.hl7v2.segment import Segment


def part_of(message: Message, segments: list[Segment]) -> Message:
    """The header with these segments of the message, which keep their numbers and lines."""
    listed = [message.segments[0], *segments]
    by_name: dict[str, list[Segment]] = {}
    for segment in listed:
        by_name.setdefault(segment.name, []).append(segment)
    return Message(listed, by_name, message.syntax)


def by_patient(message: Message, after: frozenset[str]) -> list[list[Segment]]:
    """The segments of each patient: from one PID to the next, or to a segment of these names; what comes before the
    first PID, and a message without any, is nobody's. One patient alone has the whole message."""
    groups: list[list[Segment]] = []
    opened = False
    for segment in message.segments[1:]:
        if segment.name == "PID":
            groups.append([segment])
            opened = True
        elif segment.name in after:
            opened = False
        elif opened:
            groups[-1].append(segment)
    return groups if len(groups) > 1 else [message.segments[1:]]
