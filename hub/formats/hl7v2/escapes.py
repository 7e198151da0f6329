r"""Escape sequences (HL7 v2 chapter 2, "Use of escape sequences in text fields").

Decoded once, after splitting, so a decoded delimiter or ``\X0D\`` never splits anything. What is unknown,
unterminated or odd is kept as it is written: it is text that the sender forgot to escape.
"""

import re
from functools import lru_cache

from hub.formats.hl7v2.controls import without_controls
from hub.formats.hl7v2.delimiters import Delimiters

_HEX = re.compile(r"X((?:[0-9A-Fa-f]{2})+)")
_LAYOUT = re.compile(r"\.(?:(sp|sk)\+?(\d{0,2})|ce|fi|nf|(?:in|ti)[+-]?\d{0,2})")
"""Formatted text: blank lines and spaces are text; filling, indenting and centring are not."""
_LOCAL = re.compile(r"[ZCM][0-9A-Za-z]*")


def unescape(text: str, delimiters: Delimiters, codec: str) -> str:
    r"""The text that ``text`` stands for; ``codec`` reads the bytes of ``\Xhh..\``."""
    escape = delimiters.escape
    if not escape or escape not in text:
        return text
    parts = text.split(escape)
    out = [parts[0]]
    at, last = 1, len(parts) - 1
    while at < last:
        decoded = _decoded(parts[at], delimiters, codec)
        if decoded is None:
            out.append(escape + parts[at])
            at += 1
        else:
            out.append(decoded + parts[at + 1])
            at += 2
    if at == last:
        out.append(escape + parts[at])
    return "".join(out)


def _decoded(sequence: str, delimiters: Delimiters, codec: str) -> str | None:
    """What stands for the sequence between two escape characters; ``None`` when it is no sequence."""
    fixed = _fixed(delimiters).get(sequence)
    return _variable(sequence, delimiters.escape, codec) if fixed is None else fixed


@lru_cache(maxsize=64)
def _fixed(delimiters: Delimiters) -> dict[str, str]:
    return {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent or "&",
        "R": delimiters.repetition,
        "E": delimiters.escape,
        "P": delimiters.truncation or "#",
        "H": "",
        "N": "",
        ".br": "\n",
        ".BR": "\n",
    }


def _variable(sequence: str, escape: str, codec: str) -> str | None:
    if found := _HEX.fullmatch(sequence):
        try:
            return without_controls(bytes.fromhex(found[1]).decode(codec))
        except UnicodeDecodeError:
            return None
    if found := _LAYOUT.fullmatch(sequence):
        blank = {"sp": "\n", "sk": " "}.get(found[1], "\n" if sequence == ".ce" else "")
        return blank * int(found[2] or 1)
    if _LOCAL.fullmatch(sequence):
        return f"{escape}{sequence}{escape}"
    return None


def escape(text: str, delimiters: Delimiters) -> str:
    """``text`` written so that ``unescape`` gives it back and nothing in it splits.

    Raises ``ValueError`` when the delimiters declare no escape character and the text needs one.
    """
    if text.isalnum() or not _special(delimiters).search(text):
        return text
    if not delimiters.escape:
        raise ValueError("the text contains a delimiter and there is no escape character")
    return text.translate(_table(delimiters))


@lru_cache(maxsize=64)
def _special(delimiters: Delimiters) -> re.Pattern[str]:
    return re.compile("[" + re.escape("".join(map(chr, _table(delimiters)))) + "]")


@lru_cache(maxsize=64)
def _table(delimiters: Delimiters) -> dict[int, str]:
    named = {
        delimiters.field: "F",
        delimiters.component: "S",
        delimiters.repetition: "R",
        delimiters.escape: "E",
        delimiters.subcomponent: "T",
        delimiters.truncation: "P",
        "\r": "X0D",
        "\n": "X0A",
    }
    mark = delimiters.escape
    return {ord(character): f"{mark}{code}{mark}" for character, code in named.items() if character}
