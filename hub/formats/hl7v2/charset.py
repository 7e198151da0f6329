"""Which characters the bytes stand for: MSH-18 and HL7 table 0211.

Decoding happens before splitting, because in some character sets a delimiter's byte may be half of a character,
and it is strict: bytes that are not valid in the declared set make the message unreadable, and no replacement
character is ever put in their place.

An empty MSH-18 means the feed's default. Where that or MSH-18 is ``ascii`` (the standard's own), bytes above 0x7F are
read as UTF-8 when the whole message is valid UTF-8, which by chance no other text is; anything else is unreadable, as a
guess between the single-byte sets would put wrong letters into names. The same holds for a set that nobody knows: what
is ASCII is the same letters in all of them.
"""

import codecs
import re
from functools import lru_cache

from hub.errors import Unreadable

_HL7_0211 = {
    "ASCII": "ascii",
    **{f"8859/{n}": f"iso8859_{n}" for n in (*range(1, 12), *range(13, 17))},
    "ISO IR6": "ascii",
    "ISO IR14": "iso2022_jp_ext",
    "ISO IR87": "iso2022_jp_ext",
    "ISO IR159": "iso2022_jp_ext",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
    "UNICODE UTF-8": "utf_8",
    # unofficial, but sent
    "UNICODE": "utf_8",
    "UTF-8": "utf_8",
    "UTF8": "utf_8",
    "UNICODE UTF8": "utf_8",
    "ANSI": "cp1252",
}
_ISO_8859 = re.compile(r"(?:ISO)?[ _-]?8859[ /_-](\d{1,2})", re.ASCII)

_NO_SETS = {"unicode-escape", "raw-unicode-escape", "idna"}
"""Codecs of notations, which Python has among those of character sets."""

BOM = codecs.BOM_UTF8

_ASCII = bytes(range(128))


def codec_of(declared: str, default: str = "ascii") -> str:
    """The Python codec for MSH-18 ``declared`` (its repetitions separated by ``~``), or for the feed's ``default``.

    When MSH-18 repeats, the first is the default set and the others are reached by escape sequences; of those only
    the Japanese sets can be told apart from the bytes. UTF-16 and UTF-32 are unknown here: a header that could be
    read byte by byte is not written in them. Raises ``Unreadable`` with code ``103``.
    """
    labels = [label.strip().upper() for label in declared.split("~")]
    named = [_named(label) for label in labels if label]
    if "" in named:
        raise Unreadable("the character set is not known", code="103", path="MSH-18")
    if not named:
        return default_codec(default)
    return "iso2022_jp_ext" if "iso2022_jp_ext" in named else named[0]


def _named(label: str) -> str:
    """The codec of a label: HL7's, else one that other standards know (``CP1250``, ``ISO-8859-2``), else none."""
    if known := _HL7_0211.get(label):
        return known
    name = _ISO_8859.sub(r"iso8859_\1", label)
    return name if _contains_ascii(name) else ""


@lru_cache(maxsize=256)
def _contains_ascii(name: str) -> bool:
    """Whether Python has a codec of texts of that name in which ASCII is itself, whatever follows it.

    A bare number names none: ``8859`` is a family of sets, though Python takes it for the first of them."""
    if name.isdigit():
        return False
    try:
        return codecs.lookup(name).name not in _NO_SETS and _ASCII.decode(name) == _ASCII.decode("ascii")
    except (LookupError, ValueError):  # no codec of that name, or one that is none of texts
        return False


def default_codec(default: str) -> str:
    """The Python codec for a feed's ``charset``: a name of table 0211, or one that Python knows
    and that contains ASCII (``cp1252``)."""
    known = _HL7_0211.get(default.strip().upper())
    if known:
        return known
    if not _contains_ascii(default):
        raise Unreadable("the feed's default character set is not known", code="103", path="MSH-18")
    return default


def decode(data: bytes, declared: str, default: str = "ascii") -> tuple[str, str]:
    """The text, and the codec it was read with. Raises ``Unreadable`` (code ``charset`` or ``103``)."""
    try:
        codec = codec_of(declared, default)
    except Unreadable:
        if not declared or not _is_utf8(data):
            raise
        codec = "ascii"
    if codec == "ascii" and not data.isascii():
        codec = "utf_8"
    try:
        return data.decode(codec), codec
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not valid {codec}"
        raise Unreadable(reason, code="charset", path="MSH-18") from None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf_8")
    except UnicodeDecodeError:
        return False
    return True
