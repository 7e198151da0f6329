"""Damage as it happens to messages: segments lost, doubled and mixed up, fields shifted, odd values, broken bytes.

A mutation takes the bytes of a message, others to borrow from, and the chance that decides.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

Mutation: TypeAlias = Callable[[bytes, Sequence[bytes], Random], bytes]

ODD = (
    *(b"", b'""', b" ", b"0", b"-1", b"1e9", b"065.80", b"<5", b"Y", b"N", b"X", b"?", b"~", b"^^^", b"a&b&c", b"~~x"),
    *(b"20260230", b"20260302", b"2026030212", b"202603021215-0500", b"20260302121500.1234+1400", b"2460", b"1900"),
    *(b"\\F\\", b"\\X0D\\", b"\\.br\\", b"\\X", b"\\", b"SGVsbG8=", b"http://x", b"urn:oid:1.2", b"1.2.3", b"a b"),
    *("Größe".encode(), "葛明志".encode(), b"\xff\xfe", b"\x00", b"\t", b"x" * 5000, b"1^2^3^4^5^6^7^8^9^10^11^12"),
)
TYPES = (
    *(b"ADT^A01", b"ADT^A40", b"ADT^A45", b"ADT^A99", b"ORU^R01", b"ORM^O01", b"OML^O21", b"OUL^R22", b"SIU^S12"),
    *(b"MDM^T02", b"REF^I12", b"RRI^I12", b"BAR^P01", b"DFT^P03", b"VXU^V04", b"RDE^O11", b"RDS^O13", b"RAS^O17"),
    *(b"PPR^PC1", b"OMP^O09", b"OMI^O23", b"ORL^O22", b"ORR^O02", b"OSU^O51", b"ZZZ^Z01", b"ADT", b""),
)
DELIMITERS = (b"|", b"^", b"~", b"\\", b"&")
UNUSED = b"!#$%*;<>?@[]_`{}"
"""What may stand for the delimiters; where a message has it in a text, the text falls apart, which is the purpose."""


def mutated(body: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """The message after one to four mutations."""
    for _ in range(chance.randint(1, 4)):
        body = chance.choice(MUTATIONS)(body, others, chance)
    return body


def _lines(body: bytes) -> list[bytes]:
    return [line for line in body.replace(b"\n", b"\r").split(b"\r") if line]


def _joined(lines: Sequence[bytes]) -> bytes:
    return b"\r".join([*lines, b""])


def segment_lost(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    lines = _lines(body)
    if len(lines) > 1:
        del lines[chance.randrange(1, len(lines))]
    return _joined(lines)


def segment_doubled(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    lines = _lines(body)
    lines.insert(chance.randint(1, len(lines)), chance.choice(lines[1:] or lines))
    return _joined(lines)


def segments_mixed_up(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    head, *rest = _lines(body)
    chance.shuffle(rest)
    return _joined([head, *rest])


def segments_borrowed(body: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    lines, found = _lines(body), _lines(chance.choice(others))[1:]
    for line in chance.sample(found, min(len(found), 3)):
        lines.insert(chance.randint(1, len(lines)), line)
    return _joined(lines)


def another_type(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    head, *rest = _lines(body)
    fields = head.split(b"|")
    if len(fields) > 8:
        fields[8] = chance.choice(TYPES)
    return _joined([b"|".join(fields), *rest])


def _in_a_field(body: bytes, chance: Random, change: Callable[[list[bytes], int], None]) -> bytes:
    lines = _lines(body)
    at = chance.randrange(len(lines))
    fields = lines[at].split(b"|")
    first = 2 if at == 0 else 1
    if len(fields) > first:
        change(fields, chance.randrange(first, len(fields)))
    lines[at] = b"|".join(fields)
    return _joined(lines)


def field_replaced(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    def change(fields: list[bytes], at: int) -> None:
        fields[at] = chance.choice(ODD)

    return _in_a_field(body, chance, change)


def field_repeated(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    def change(fields: list[bytes], at: int) -> None:
        fields[at] = b"~".join([fields[at], chance.choice(ODD), fields[at]])

    return _in_a_field(body, chance, change)


def component_replaced(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    def change(fields: list[bytes], at: int) -> None:
        parts = fields[at].split(b"^")
        parts[chance.randrange(len(parts))] = chance.choice(ODD)
        fields[at] = b"^".join(parts)

    return _in_a_field(body, chance, change)


def field_inserted(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    return _in_a_field(body, chance, lambda fields, at: fields.insert(at, chance.choice(ODD)))


def fields_added(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    lines = _lines(body)
    at = chance.randrange(len(lines))
    lines[at] += b"|" + b"|".join(chance.choice(ODD) for _ in range(chance.randint(1, 40)))
    return _joined(lines)


def cut_short(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    return body[: chance.randint(min(40, len(body)), len(body))]


def byte_changed(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randrange(len(body))
    return body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :]


def other_line_ends(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    return chance.choice((b"\n", b"\r\n", b"\r\r")).join(_lines(body))


def other_delimiters(body: bytes, _: Sequence[bytes], chance: Random) -> bytes:
    chosen = chance.sample(UNUSED, len(DELIMITERS))
    return body.translate(bytes.maketrans(b"".join(DELIMITERS), bytes(chosen)))


MUTATIONS: tuple[Mutation, ...] = (
    *(segment_lost, segment_doubled, segments_mixed_up, segments_borrowed, another_type),
    *(field_replaced, field_repeated, field_inserted, fields_added, component_replaced),
    *(cut_short, byte_changed, other_line_ends, other_delimiters),
)
